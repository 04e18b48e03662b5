package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/open-telemetry/opamp-go/client/types"
	"github.com/open-telemetry/opamp-go/protobufs"
)

// packages remembers packages in memory. With APUS_PACKAGE_KEY, an Ed25519 key in base64, it checks that signatures are of
// that key; content that begins with "broken" cannot be installed.
type packages struct {
	mutex    sync.Mutex
	all      []byte
	states   map[string]types.PackageState
	contents map[string][]byte
	offered  map[string]*protobufs.PackageAvailable
	statuses *protobufs.PackageStatuses
}

func newPackages() *packages {
	return &packages{states: map[string]types.PackageState{}, contents: map[string][]byte{}}
}

// offer takes note of what is offered, since the provider is not told the version.
func (p *packages) offer(available *protobufs.PackagesAvailable) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.offered = available.Packages
}

func (p *packages) AllPackagesHash() ([]byte, error) { return p.all, nil }

func (p *packages) SetAllPackagesHash(hash []byte) error {
	p.all = hash
	tell("packages", map[string]any{"hash": hex.EncodeToString(hash)})
	return nil
}

func (p *packages) Packages() ([]string, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	var names []string
	for name := range p.states {
		names = append(names, name)
	}
	return names, nil
}

func (p *packages) PackageState(name string) (types.PackageState, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.states[name], nil
}

func (p *packages) SetPackageState(name string, state types.PackageState) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	state.Exists = true
	p.states[name] = state
	return nil
}

func (p *packages) CreatePackage(name string, kind protobufs.PackageType) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	p.states[name] = types.PackageState{Exists: true, Type: kind}
	return nil
}

func (p *packages) FileContentHash(name string) ([]byte, error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	content, ok := p.contents[name]
	if !ok {
		return nil, nil
	}
	hash := sha256.Sum256(content)
	return hash[:], nil
}

func (p *packages) UpdateContent(
	_ context.Context, name, url string, data io.Reader, hash, signature []byte,
) error {
	content, err := io.ReadAll(data)
	if err != nil {
		return err
	}
	p.mutex.Lock()
	defer p.mutex.Unlock()
	found := sha256.Sum256(content)
	if !bytes.Equal(found[:], hash) {
		return errors.New("the file is not the one that was offered")
	}
	offered := p.offered[name]
	kind := "top_level"
	if offered.GetType() == protobufs.PackageType_PackageType_Addon {
		kind = "addon"
	}
	statement := fmt.Sprintf("apus.package/v1\n%s\n%s\n%s\n%x\n", name, kind, offered.GetVersion(), found)
	if key, err := base64.StdEncoding.DecodeString(os.Getenv("APUS_PACKAGE_KEY")); err == nil && len(key) > 0 {
		if !ed25519.Verify(key, []byte(statement), signature) {
			return errors.New("the signature is wrong")
		}
	}
	if bytes.HasPrefix(content, []byte("broken")) {
		return errors.New("the package is broken")
	}
	p.contents[name] = content
	tell("installed", map[string]any{
		"name": name, "version": offered.GetVersion(), "url": url, "size": len(content)})
	return nil
}

func (p *packages) DeletePackage(name string) error {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	delete(p.states, name)
	delete(p.contents, name)
	return nil
}

func (p *packages) LastReportedStatuses() (*protobufs.PackageStatuses, error) { return p.statuses, nil }

func (p *packages) SetLastReportedStatuses(statuses *protobufs.PackageStatuses) error {
	p.statuses = statuses
	return nil
}
