// What KeyboardWalk asks the page. It stays in the world of our own scripts, as globalThis.walk, until the
// page is left.
(() => {
	const ring = element => {
		const style = getComputedStyle(element);
		const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && !/^rgba\(.*, 0\)$|^transparent$/.test(style.outlineColor);
		return {
			outline: outlined ? [style.outlineStyle, style.outlineWidth, style.outlineColor].join(" ") : "",
			shadow: style.boxShadow === "none" ? "" : style.boxShadow,
		};
	};
	const shown = element => element.checkVisibility({visibilityProperty: true, opacityProperty: true});
	const describe = element => {
		const name = element.id ? "#" + element.id : element.getAttribute("name") ?? element.textContent.trim().slice(0, 40);
		return element.localName + " " + name;
	};

	// Where Tab has to get to. Of radio buttons of one name it gets to one.
	const reachable = () => {
		const groups = new Set();
		return [...document.querySelectorAll("a[href], area[href], button, input, select, textarea, summary, [tabindex], [contenteditable]")]
			.filter(e => e.tabIndex >= 0 && !e.matches(":disabled, [type=hidden], [inert] *") && e.checkVisibility({visibilityProperty: true}))
			.filter(e => {
				if (e.type !== "radio" || !e.name) return true;
				const group = [...document.querySelectorAll("input[type=radio]")].filter(r => r.name === e.name && r.form === e.form);
				const one = group.find(r => r.checked) ?? e;
				return one === e && !groups.has(group[0]) && groups.add(group[0]);
			});
	};

	// Whether somebody could see it: it has a size, and nothing lies over its middle.
	const visible = element => {
		element.scrollIntoView({behavior: "instant", block: "nearest"});
		return [element, ...(element.labels ?? [])].some(e => {
			const box = e.getClientRects()[0];
			if (!shown(e) || !box || box.width < 2 || box.height < 2) return false;
			const middle = (from, to, end) => (Math.max(0, from) + Math.min(end, to)) / 2;
			const top = document.elementFromPoint(middle(box.left, box.right, innerWidth), middle(box.top, box.bottom, innerHeight));
			return e.contains(top);
		});
	};

	let rest, expected, stops;
	globalThis.walk = {
		// start puts the focus before the first element and remembers how everything looks without it.
		start() {
			const root = document.documentElement, had = root.getAttribute("tabindex");
			root.tabIndex = -1;
			root.focus();
			had === null ? root.removeAttribute("tabindex") : root.setAttribute("tabindex", had);
			document.activeElement?.blur();
			scrollTo(0, 0);
			rest = new Map([...document.querySelectorAll("*")].map(e => [e, ring(e)]));
			expected = reachable();
			stops = [];
			return expected.length;
		},
		// stop looks at what has the focus now.
		stop() {
			const element = document.activeElement;
			if (!element || element === document.body || element === document.documentElement) return {Gone: true};
			const before = stops.indexOf(element);
			// Day, month and year are stops of their own within one element.
			if (before >= 0 && before === stops.length - 1 && element.matches("input[type^=date], input[type=month], input[type=week], input[type=time]")) return {Inside: true};
			if (before >= 0) return {Again: before, What: describe(element)};
			stops.push(element);
			document.getAnimations().forEach(a => { try { a.finish() } catch {} }); // a ring may fade in
			const differs = e => {
				const now = ring(e), then = rest.get(e) ?? {outline: "", shadow: ""};
				return now.outline && now.outline !== then.outline || now.shadow && now.shadow !== then.shadow;
			};
			return {
				Again: -1, What: describe(element), Visible: visible(element),
				Ring: [element, element.parentElement, ...(element.labels ?? [])].some(e => e && differs(e)),
			};
		},
		missed: () => expected.filter(e => !stops.includes(e) && e.isConnected).map(describe),
	};
})()
