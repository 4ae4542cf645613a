package browser

import "slices"

// Violations returns what the Content-Security-Policy of the pages has forbidden so far.
func (v *Visitor) Violations() []string {
	v.t.Helper()
	v.Eval("0", nil) // what the page has reported until now is here when it answers
	return v.record.violations()
}

// ConsoleErrors returns the errors that pages, and Chromium about them, wrote to the console so far. That
// a page answered with an error is not among them.
func (v *Visitor) ConsoleErrors() []string {
	v.t.Helper()
	v.Eval("0", nil)
	return v.record.consoleErrors()
}

// Requests returns the addresses of everything that was asked for so far, one for each request.
func (v *Visitor) Requests() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.requests)
}

// Foreign returns the addresses of those requests that went to an origin that was neither given to Open
// nor is one of also, such as "https://app.example.com".
func (v *Visitor) Foreign(also ...string) []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	var foreign []string
	for _, address := range v.requests {
		from := origin(address)
		if from != "" && !slices.Contains(v.homes, from) && !slices.Contains(also, from) && !slices.Contains(foreign, address) {
			foreign = append(foreign, address)
		}
	}
	return foreign
}

// Documents returns the answers that were pages so far, those that redirected among them.
func (v *Visitor) Documents() []Document {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.documents)
}

// Document returns the answer that is the present page. It is the zero Document where nobody answered.
func (v *Visitor) Document() Document {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.present()
}

// Status returns the status of the present page; 0 if nobody answered.
func (v *Visitor) Status() int { return v.Document().Status }
