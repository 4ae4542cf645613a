package pages

// Form returns what is to be known of one form on a page, for its fields. Only the form that was
// sent has errors. The fields are named in the order in which they stand, so that the cursor is put
// into the first that is wrong.
func (v view) Form(id string, sent bool, fields ...string) formFields {
	f := formFields{view: v, id: id}
	if !sent {
		return f
	}
	f.errors = v.Errors
	for _, name := range fields {
		if v.Errors[name] != "" {
			f.first = name
			break
		}
	}
	return f
}

type formFields struct {
	view   view
	id     string // what the ids of its fields begin with
	errors map[string]string
	first  string // the first field that is wrong
}

// Field returns the data of the partial templates for fields: what they have in common, and more.
func (f formFields) Field(name, label string, more ...any) (map[string]any, error) {
	data, err := dict(more...)
	if err != nil {
		return nil, err
	}
	data["view"], data["name"], data["label"] = f.view, name, label
	data["id"] = f.id + "-" + name
	data["error"] = f.errors[name]
	if f.first != "" {
		data["focus"] = f.first == name
	}
	return data, nil
}
