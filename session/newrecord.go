package session

// NewRecord returns the Record of a session that began elsewhere, and is to be known by token from
// now on: for whoever brings sessions over from another system. data is its data bag; the error wraps
// [ErrData] where that is not acceptable. Putting the Record into a store is all that it takes for
// the session to live, within the limits of the Manager that finds it there.
func NewRecord(s Session, token Token, data Data) (Record, error) {
	sealed, err := data.seal(token, s.ID)
	if err != nil {
		return Record{}, err
	}
	return Record{Session: s, Hash: token.Hash(), Revision: 1, Data: sealed}, nil
}
