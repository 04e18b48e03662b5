// server [ADDRESS]: a server made of opamp-go, driven by a test.
//
// It prints what comes as lines of JSON, and does what lines on its standard input say, to the agent that spoke
// last: "config HASH TEXT", "full", "components", "restart", "heartbeat HASH SECONDS", "custom CAPABILITY TYPE TEXT", "uid HEX",
// "unavailable NANOSECONDS", "refuse STATUS SECONDS", "accept", "stop".
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"

	"github.com/open-telemetry/opamp-go/protobufs"
	"github.com/open-telemetry/opamp-go/server"
	"github.com/open-telemetry/opamp-go/server/types"
	"google.golang.org/protobuf/encoding/protojson"
)

type logger struct{}

func (logger) Debugf(context.Context, string, ...any) {}
func (logger) Errorf(_ context.Context, format string, v ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", v...)
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// What both the connections and the commands use.
type state struct {
	sync.Mutex
	out *json.Encoder
	// The connection and the id of the agent that spoke last.
	connection types.Connection
	uid        []byte
	// Over plain HTTP: what the next answer is.
	next   *protobufs.ServerToAgent
	isHTTP bool
	// The status with which new connections are refused, and the pause that is asked for.
	refusal int
	pause   string
}

func (s *state) tell(event string, more map[string]any) {
	more["event"] = event
	must(s.out.Encode(more))
}

func main() {
	address := "127.0.0.1:0"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	s := &state{out: json.NewEncoder(os.Stdout)}
	connection := types.ConnectionCallbacks{
		OnMessage: func(ctx context.Context, connection types.Connection, message *protobufs.AgentToServer) *protobufs.ServerToAgent {
			s.Lock()
			defer s.Unlock()
			s.connection, s.uid = connection, message.InstanceUid
			text, err := protojson.Marshal(message)
			must(err)
			s.tell("message", map[string]any{"message": json.RawMessage(text)})
			answer := &protobufs.ServerToAgent{InstanceUid: message.InstanceUid, Capabilities: 0x7F}
			if s.isHTTP && s.next != nil {
				answer, s.next = s.next, nil
			}
			return answer
		},
		OnConnectionClose: func(types.Connection) {
			s.Lock()
			defer s.Unlock()
			s.tell("closed", map[string]any{})
		},
	}
	callbacks := types.Callbacks{OnConnecting: func(request *http.Request) types.ConnectionResponse {
		s.Lock()
		defer s.Unlock()
		s.isHTTP = request.Header.Get("Content-Type") == "application/x-protobuf"
		if s.refusal != 0 {
			s.tell("refused", map[string]any{})
			return types.ConnectionResponse{
				HTTPStatusCode: s.refusal, HTTPResponseHeader: map[string]string{"Retry-After": s.pause}}
		}
		return types.ConnectionResponse{Accept: true, ConnectionCallbacks: connection}
	}}
	serving := server.New(logger{})
	must(serving.Start(server.StartSettings{
		Settings:       server.Settings{Callbacks: callbacks, CustomCapabilities: []string{"io.apus.config/v1", "io.apus.flow/v1"}},
		ListenEndpoint: address, ListenPath: "/v1/opamp",
	}))
	s.Lock()
	s.tell("listening", map[string]any{"address": serving.Addr().String()})
	s.Unlock()
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		word, rest, _ := strings.Cut(input.Text(), " ")
		s.Lock()
		message := &protobufs.ServerToAgent{InstanceUid: s.uid}
		switch word {
		case "config":
			hash, text, _ := strings.Cut(rest, " ")
			bytes, err := hex.DecodeString(hash)
			must(err)
			message.RemoteConfig = &protobufs.AgentRemoteConfig{ConfigHash: bytes, Config: &protobufs.AgentConfigMap{
				ConfigMap: map[string]*protobufs.AgentConfigFile{"": {
					Body: []byte(strings.ReplaceAll(text, "|", "\n")), ContentType: "text/yaml"}}}}
		case "full":
			message.Flags = uint64(protobufs.ServerToAgentFlags_ServerToAgentFlags_ReportFullState)
		case "components":
			message.Flags = uint64(protobufs.ServerToAgentFlags_ServerToAgentFlags_ReportAvailableComponents)
		case "restart":
			message.Command = &protobufs.ServerToAgentCommand{Type: protobufs.CommandType_CommandType_Restart}
		case "heartbeat":
			hash, seconds, _ := strings.Cut(rest, " ")
			interval, err := strconv.ParseUint(seconds, 10, 64)
			must(err)
			message.ConnectionSettings = &protobufs.ConnectionSettingsOffers{
				Hash: []byte(hash), Opamp: &protobufs.OpAMPConnectionSettings{HeartbeatIntervalSeconds: interval}}
		case "custom":
			parts := strings.SplitN(rest, " ", 3)
			message.CustomMessage = &protobufs.CustomMessage{Capability: parts[0], Type: parts[1], Data: []byte(parts[2])}
		case "uid":
			bytes, err := hex.DecodeString(rest)
			must(err)
			message.AgentIdentification = &protobufs.AgentIdentification{NewInstanceUid: bytes}
		case "unavailable":
			pause, err := strconv.ParseUint(rest, 10, 64)
			must(err)
			message.ErrorResponse = &protobufs.ServerErrorResponse{
				Type: protobufs.ServerErrorResponseType_ServerErrorResponseType_Unavailable, ErrorMessage: "busy",
				Details: &protobufs.ServerErrorResponse_RetryInfo{RetryInfo: &protobufs.RetryInfo{RetryAfterNanoseconds: pause}}}
		case "refuse":
			status, pause, _ := strings.Cut(rest, " ")
			number, err := strconv.Atoi(status)
			must(err)
			s.refusal, s.pause = number, pause
			message = nil
		case "accept":
			s.refusal = 0
			message = nil
		case "drop":
			must(s.connection.Disconnect())
			message = nil
		case "stop":
			s.Unlock()
			must(serving.Stop(context.Background()))
			return
		}
		connection := s.connection
		if message != nil && s.isHTTP {
			s.next = message
			message = nil
		}
		s.Unlock()
		if message != nil && connection != nil {
			if err := connection.Send(context.Background(), message); err != nil {
				fmt.Fprintln(os.Stderr, err)
			}
		}
	}
}
