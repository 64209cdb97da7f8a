// Command sbom completes the bill of materials that cyclonedx-gomod makes of the Go modules: with the C code that
// modernc.org/sqlite carries translated, which no module graph shows, and with the vendored files of the pages. It fails
// unless every module that the built program names is in it.
package main

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

const sqliteModule = "modernc.org/sqlite"

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: sbom PROGRAM SQLITE-MODULE-DIRECTORY VENDORED-MANIFEST <modules.cdx.json >all.cdx.json")
		os.Exit(2)
	}
	if err := run(os.Stdin, os.Stdout, os.Args[1], filepath.Join(os.Args[2], "sbom.cdx.json"), os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, program, sqlite, vendored string) error {
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(in, cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		return fmt.Errorf("read the bill of the modules: %w", err)
	}
	if bom.Components == nil {
		return errors.New("the bill of the modules is empty")
	}
	if err := addTranslatedC(bom, sqlite); err != nil {
		return err
	}
	if err := addVendored(bom, vendored); err != nil {
		return err
	}
	if err := lacksNothing(bom, program); err != nil {
		return err
	}
	return cdx.NewBOMEncoder(out, cdx.BOMFileFormatJSON).SetPretty(true).Encode(bom)
}

// addTranslatedC puts what the driver's own bill names beside Go modules under the driver.
func addTranslatedC(bom *cdx.BOM, file string) error {
	content, err := os.Open(file)
	if err != nil {
		return err
	}
	defer content.Close()
	own := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(content, cdx.BOMFileFormatJSON).Decode(own); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	at := slices.IndexFunc(*bom.Components, func(c cdx.Component) bool { return c.Name == sqliteModule })
	if at < 0 || own.Components == nil {
		return fmt.Errorf("no %s in one of the bills", sqliteModule)
	}
	inside := slices.DeleteFunc(slices.Clone(*own.Components), func(c cdx.Component) bool {
		return strings.HasPrefix(c.PackageURL, "pkg:golang/")
	})
	if !slices.ContainsFunc(inside, func(c cdx.Component) bool { return strings.HasPrefix(c.Name, "SQLite 3") || c.Name == "SQLite" }) {
		return fmt.Errorf("%s does not name SQLite", file)
	}
	(*bom.Components)[at].Components = &inside
	return nil
}

// addVendored adds the packages whose files stand in the tree, each file with its hash.
func addVendored(bom *cdx.BOM, file string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var manifest struct {
		Packages []struct {
			Name, Version, Licence, Source string
			Files                          []struct{ Path, SHA256 string }
		}
	}
	if err := json.Unmarshal(content, &manifest); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	for _, p := range manifest.Packages {
		ref := "pkg:npm/" + strings.Replace(strings.TrimPrefix(p.Source, "npm:"), "@knadh/", "%40knadh/", 1)
		c := cdx.Component{BOMRef: ref, Type: cdx.ComponentTypeLibrary, Name: p.Name, Version: p.Version, PackageURL: ref,
			Licenses: &cdx.Licenses{{License: &cdx.License{ID: p.Licence}}}, Components: &[]cdx.Component{}}
		for _, f := range p.Files {
			*c.Components = append(*c.Components, cdx.Component{Type: cdx.ComponentTypeFile, Name: f.Path,
				Hashes: &[]cdx.Hash{{Algorithm: cdx.HashAlgoSHA256, Value: f.SHA256}}})
		}
		*bom.Components = append(*bom.Components, c)
	}
	return nil
}

// lacksNothing reports the modules that stand in the program and not in the bill.
func lacksNothing(bom *cdx.BOM, program string) error {
	info, err := buildinfo.ReadFile(program)
	if err != nil {
		return err
	}
	listed := map[string]bool{}
	for _, c := range *bom.Components {
		listed[c.Name+"@"+c.Version] = true
	}
	var missing []string
	for _, m := range info.Deps {
		if !listed[m.Path+"@"+m.Version] {
			missing = append(missing, m.Path+"@"+m.Version)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%s holds what is not listed: %s", program, strings.Join(missing, ", "))
	}
	return nil
}
