package session

// CacheStats says how well the cache of a [Manager] serves it.
type CacheStats struct {
	Hits, Misses uint64 // checks that the cache answered, and those that the store was asked for
	Entries      int    // sessions in the cache
}

// CacheStats returns what was counted since the Manager was made. A session that is known to have
// ended is not kept, so that each use of its token is a miss.
func (m *Manager) CacheStats() CacheStats {
	hits, misses := m.cache.Lookups()
	return CacheStats{Hits: hits, Misses: misses, Entries: m.cache.Len()}
}
