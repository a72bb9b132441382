package scenarios

import "testing"

func TestCatalogueIsSound(t *testing.T) {
	all, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d scenarios", len(all))
}
