// What does not fit: a page that scrolls sideways, and text that is cut off.
(() => {
	const found = [];
	const root = document.documentElement;
	const describe = e => e.localName + (e.id ? "#" + e.id : "") + [...e.classList].map(c => "." + c).join("") + " “" + e.textContent.trim().replace(/\s+/g, " ").slice(0, 60) + "”";
	// Not innerWidth: a phone zooms out until all fits.
	const width = root.clientWidth;
	const scroll = Math.max(root.scrollWidth, document.body?.scrollWidth ?? 0);
	if (scroll > width) {
		const wide = [...document.body.querySelectorAll("*")].filter(e => e.getBoundingClientRect().right + scrollX > width + 1);
		// Those that hold nothing else that is too wide are the cause.
		const cause = wide.filter(e => !wide.some(other => other !== e && e.contains(other)));
		found.push(`the page is ${scroll} px wide in a window of ${width} px: ${cause.slice(0, 3).map(describe).join(", ")}`);
	}
	for (const e of document.body?.querySelectorAll("*") ?? []) {
		const style = getComputedStyle(e);
		const cuts = axis => /hidden|clip/.test(style["overflow" + axis]);
		if (!cuts("X") && !cuts("Y") || !e.textContent.trim() || e.matches("input, textarea, select, option") || !e.checkVisibility({visibilityProperty: true})) continue;
		// What is only for screen readers is cut off on purpose.
		if (e.clientWidth <= 1 || e.clientHeight <= 1 || style.clipPath !== "none" || style.clip !== "auto" && style.position === "absolute") continue;
		if (cuts("X") && e.scrollWidth > e.clientWidth + 1 || cuts("Y") && e.scrollHeight > e.clientHeight + 1) {
			found.push("text is cut off: " + describe(e));
		}
	}
	return found;
})()
