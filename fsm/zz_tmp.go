package fsm

func (r *RoleSet) Validate() error                             { return nil }
func (r *RoleSet) apply(tx *Tx, a *Actor) (Result, *Error)     { return &RoleStored{}, nil }
func (r *TokenCreate) Validate() error                         { return nil }
func (r *TokenCreate) apply(tx *Tx, a *Actor) (Result, *Error) { return &TokenCreated{}, nil }
func (r *TokenRenew) Validate() error                          { return nil }
func (r *TokenRenew) apply(tx *Tx, a *Actor) (Result, *Error)  { return &TokenRenewed{}, nil }
