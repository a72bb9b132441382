package zoo

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"trustrig/harness"
)

// results are the columns of what must happen.
var results = []harness.Result{harness.Rejected, harness.Accepted, harness.Failed, harness.Either}

// demand is what must happen, in a few words.
func (f Fault) demand() string {
	if f.Must == harness.Accepted || len(f.Reasons)+len(f.Also) == 0 {
		return string(f.Must)
	}
	switch {
	case len(f.Reasons) == 0:
		return fmt.Sprintf("%s: %s", f.Must, join(f.Also, " or "))
	case len(f.Also) == 0:
		return fmt.Sprintf("%s: %s", f.Must, join(f.Reasons, " and "))
	}
	return fmt.Sprintf("%s: %s, perhaps %s", f.Must, join(f.Reasons, " and "), join(f.Also, " or "))
}

func (a Answer) String() string {
	switch {
	case a.Verdict == "" || a.Verdict == harness.Pass || a.Verdict == harness.Skipped:
		return a.Did
	case a.Advisory != "":
		return fmt.Sprintf("%s (%s, %s)", a.Did, a.Verdict, a.Advisory)
	}
	return fmt.Sprintf("%s (%s)", a.Did, a.Verdict)
}

// open says how much is left to the device.
func (z *Zoo) open() string {
	return fmt.Sprintf("%d of %d faults, and %d of their %d scenarios, leave the choice to the device.",
		z.Total.Must[harness.Either], z.Total.Faults, z.Total.Either, z.Total.Scenarios)
}

// Text writes the document as tables.
func (z *Zoo) Text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "FAMILY\tFAULTS\tREJECTED\tACCEPTED\tFAILED\tEITHER\tSCENARIOS")
	for _, f := range append(z.Families[:len(z.Families):len(z.Families)], z.Total) {
		fmt.Fprintf(tw, "%s\t%d", f.Name, f.Faults)
		for _, r := range results {
			fmt.Fprintf(tw, "\t%d", f.Must[r])
		}
		fmt.Fprintf(tw, "\t%d\n", f.Scenarios)
	}
	fmt.Fprintf(tw, "\n%s\n\n", z.open())
	fmt.Fprintf(tw, "FAMILY\tFAULT\tMUST BE\t%sIS\n", strings.ToUpper(columns(z.Firmwares, "\t")))
	for _, f := range z.Faults {
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s%s (%s)\n", f.Family, f.Name, f.demand(), columns(f.Answers, "\t"), f.Is, f.Source)
	}
	return tw.Flush()
}

// columns writes each cell and what parts it from the next.
func columns[T any](cells []T, separator string) string {
	var b strings.Builder
	for _, c := range cells {
		fmt.Fprintf(&b, "%v%s", c, separator)
	}
	return b.String()
}

// Markdown writes the document as a page.
func (z *Zoo) Markdown(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# The catalogue of faults\n\n| family | faults | rejected | accepted | failed | either | scenarios |\n|---|---|---|---|---|---|---|\n")
	for _, f := range append(z.Families[:len(z.Families):len(z.Families)], z.Total) {
		fmt.Fprintf(&b, "| %s | %d |", f.Name, f.Faults)
		for _, r := range results {
			fmt.Fprintf(&b, " %d |", f.Must[r])
		}
		fmt.Fprintf(&b, " %d |\n", f.Scenarios)
	}
	fmt.Fprintf(&b, "\n%s\n", z.open())
	for _, family := range z.Families {
		z.family(&b, family.Name)
	}
	z.choices(&b)
	z.coverage(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

func (z *Zoo) family(b *strings.Builder, family string) {
	fmt.Fprintf(b, "\n## Family %s\n\n| fault | is | source | must be | %s\n|---|---|---|---|%s\n",
		family, cells(z.Firmwares), strings.Repeat("---|", len(z.Firmwares)))
	for _, f := range z.Faults {
		if f.Family == family {
			fmt.Fprintf(b, "| `%s` | %s | %s | %s | %s\n", f.Name, cell(f.Is), cell(f.Source), f.demand(), cells(f.Answers))
		}
	}
}

func (z *Zoo) choices(b *strings.Builder) {
	fmt.Fprintf(b, "\n## Left to the device\n\n| fault | by |\n|---|---|\n")
	for _, f := range z.Faults {
		if f.Must == harness.Either {
			fmt.Fprintf(b, "| `%s` | %s |\n", f.Name, cell(f.Source+": "+f.Choice))
		}
	}
}

func (z *Zoo) coverage(b *strings.Builder) {
	covered := 0
	for _, r := range z.Coverage {
		if r.Waived == "" {
			covered++
		}
	}
	fmt.Fprintf(b, "\n## Coverage\n\nOf %d demands and advisories %d are covered, %d are waived.\n\n| source | says | covered by, or waived because |\n|---|---|---|\n",
		len(z.Coverage), covered, len(z.Coverage)-covered)
	for _, r := range z.Coverage {
		by := "waived: " + cell(r.Waived)
		if r.Waived == "" {
			by = "`" + strings.Join(r.By, "`, `") + "`"
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", cell(r.Source), cell(r.Says), by)
	}
}

func cells[T any](values []T) string {
	var b strings.Builder
	for _, v := range values {
		fmt.Fprintf(&b, "%s | ", cell(fmt.Sprint(v)))
	}
	return strings.TrimSuffix(b.String(), " ")
}

// cell keeps a text within its cell.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "*", "\\*", "<", "&lt;").Replace(s)
}
