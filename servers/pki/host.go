package pki

// Host returns the name that a device asks the recipe's server for, unless a
// [Case] says otherwise: [Chain.Host], without making the chain.
func (m *Maker) Host(recipe string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.plan(recipe)
	if err != nil {
		return "", err
	}
	return p.host, nil
}

// Length returns how many certificates the recipe's server sends, without
// making them.
func (m *Maker) Length(recipe string) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, err := m.plan(recipe)
	if err != nil {
		return 0, err
	}
	return len(p.sent), nil
}
