// Package dialer stands in for github.com/elastic/proxy-connect-dialer-go, which opamp-go uses for proxies with
// extra headers only. Nothing here goes through a proxy.
package dialer

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
)

type Dialer struct{}

type Option func()

func NewProxyConnectDialer(*url.URL, *net.Dialer, ...Option) (*Dialer, error) {
	return nil, errors.New("proxies are left out of this build")
}

func WithProxyConnectHeaders(http.Header) Option { return func() {} }

func WithTLS(*tls.Config) Option { return func() {} }

func (*Dialer) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, errors.New("proxies are left out of this build")
}
