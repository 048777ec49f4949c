package httpapi

import (
	"net/http"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/web"
)

// role is one of those that an account can have, and what goes with it.
type role struct {
	Role          geodata.Role `json:"role"`
	Title         geodata.Text `json:"title"`
	NeedsOperator bool         `json:"needs_operator"`
	HasHamlet     bool         `json:"has_hamlet"`
	SecondFactor  bool         `json:"second_factor"`
}

// readRoles answers GET /api/roles; what they may do is in the declarations of the layers.
func readRoles(w http.ResponseWriter, _ *http.Request) error {
	list := make([]role, len(geodata.Roles))
	for i, r := range geodata.Roles {
		list[i] = role{r, auth.RoleTitle(r), auth.NeedsOperator(r), auth.HasHamlet(r), auth.NeedsSecondFactor(r)}
	}
	return web.WriteJSON(w, http.StatusOK, map[string]any{"roles": list})
}
