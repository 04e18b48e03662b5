// agent URL [HEADER=VALUE ...]: an agent made of opamp-go's client, driven by a test.
//
// It prints what happens as lines of JSON, and does what lines on its standard input say: "health", "unhealthy",
// "describe NAME", "effective TEXT", "custom TYPE", "stop".
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/open-telemetry/opamp-go/client"
	"github.com/open-telemetry/opamp-go/client/types"
	"github.com/open-telemetry/opamp-go/protobufs"
)

const custom = "org.example.test/v1"

var lines = make(chan map[string]any, 100)

func tell(event string, more map[string]any) {
	if more == nil {
		more = map[string]any{}
	}
	more["event"] = event
	lines <- more
}

func describe(name string, uid uuid.UUID) *protobufs.AgentDescription {
	text := func(key, value string) *protobufs.KeyValue {
		return &protobufs.KeyValue{Key: key, Value: &protobufs.AnyValue{
			Value: &protobufs.AnyValue_StringValue{StringValue: value}}}
	}
	return &protobufs.AgentDescription{
		IdentifyingAttributes:    []*protobufs.KeyValue{text("service.name", name), text("service.instance.id", uid.String())},
		NonIdentifyingAttributes: []*protobufs.KeyValue{text("os.type", "linux")},
	}
}

type logger struct{}

func (logger) Debugf(context.Context, string, ...any) {}
func (logger) Errorf(_ context.Context, format string, v ...any) {
	tell("log", map[string]any{"text": fmt.Sprintf(format, v...)})
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func main() {
	go func() {
		out := json.NewEncoder(os.Stdout)
		for line := range lines {
			must(out.Encode(line))
		}
	}()
	url := os.Args[1]
	header := http.Header{}
	for _, pair := range os.Args[2:] {
		name, value, _ := strings.Cut(pair, "=")
		header.Set(name, value)
	}
	uid, err := uuid.NewV7()
	must(err)
	var agent client.OpAMPClient
	if strings.HasPrefix(url, "ws") {
		agent = client.NewWebSocket(logger{})
	} else {
		polling := client.NewHTTP(logger{})
		polling.SetPollingInterval(200 * time.Millisecond)
		agent = polling
	}
	effective := "receivers: {}\n"
	must(agent.SetAgentDescription(describe("opamp-go", uid)))
	must(agent.SetHealth(&protobufs.ComponentHealth{Healthy: true, StartTimeUnixNano: uint64(time.Now().UnixNano())}))
	capabilities := protobufs.AgentCapabilities_AgentCapabilities_ReportsStatus |
		protobufs.AgentCapabilities_AgentCapabilities_AcceptsRemoteConfig |
		protobufs.AgentCapabilities_AgentCapabilities_ReportsEffectiveConfig |
		protobufs.AgentCapabilities_AgentCapabilities_ReportsRemoteConfig |
		protobufs.AgentCapabilities_AgentCapabilities_ReportsHealth |
		protobufs.AgentCapabilities_AgentCapabilities_AcceptsRestartCommand |
		protobufs.AgentCapabilities_AgentCapabilities_AcceptsOpAMPConnectionSettings |
		protobufs.AgentCapabilities_AgentCapabilities_ReportsConnectionSettingsStatus |
		protobufs.AgentCapabilities_AgentCapabilities_ReportsHeartbeat |
		protobufs.AgentCapabilities_AgentCapabilities_AcceptsPackages |
		protobufs.AgentCapabilities_AgentCapabilities_ReportsPackageStatuses
	must(agent.SetCapabilities(&capabilities))
	must(agent.SetCustomCapabilities(&protobufs.CustomCapabilities{Capabilities: []string{custom}}))
	interval := 300 * time.Millisecond
	installer := newPackages()
	callbacks := types.Callbacks{
		OnConnect: func(context.Context) { tell("connected", nil) },
		OnConnectFailed: func(_ context.Context, err error) {
			tell("refused", map[string]any{"error": err.Error()})
		},
		OnError: func(_ context.Context, response *protobufs.ServerErrorResponse) {
			tell("error", map[string]any{"type": int(response.Type), "message": response.ErrorMessage})
		},
		OnCommand: func(_ context.Context, command *protobufs.ServerToAgentCommand) error {
			tell("command", map[string]any{"type": int(command.Type)})
			return nil
		},
		OnOpampConnectionSettings: func(_ context.Context, settings *protobufs.OpAMPConnectionSettings) error {
			tell("settings", map[string]any{"heartbeat": settings.HeartbeatIntervalSeconds, "endpoint": settings.DestinationEndpoint})
			return nil
		},
		GetEffectiveConfig: func(context.Context) (*protobufs.EffectiveConfig, error) {
			return &protobufs.EffectiveConfig{ConfigMap: &protobufs.AgentConfigMap{
				ConfigMap: map[string]*protobufs.AgentConfigFile{"": {Body: []byte(effective), ContentType: "text/yaml"}}}}, nil
		},
		SaveRemoteConfigStatus: func(context.Context, *protobufs.RemoteConfigStatus) {},
	}
	callbacks.OnMessage = func(ctx context.Context, message *types.MessageData) {
		if message.AgentIdentification != nil {
			tell("uid", map[string]any{"uid": hex.EncodeToString(message.AgentIdentification.NewInstanceUid)})
		}
		if message.CustomMessage != nil {
			tell("custom", map[string]any{"type": message.CustomMessage.Type, "data": string(message.CustomMessage.Data)})
		}
		if message.CustomCapabilities != nil {
			tell("capabilities", map[string]any{"custom": message.CustomCapabilities.Capabilities})
		}
		if message.PackagesAvailable != nil {
			tell("offered", map[string]any{"hash": hex.EncodeToString(message.PackagesAvailable.AllPackagesHash)})
			installer.offer(message.PackagesAvailable)
			must(message.PackageSyncer.Sync(ctx))
		}
		if message.RemoteConfig == nil {
			return
		}
		files := map[string]string{}
		failed := false
		for name, file := range message.RemoteConfig.GetConfig().GetConfigMap() {
			files[name] = string(file.Body)
			failed = failed || strings.Contains(string(file.Body), "broken")
		}
		tell("config", map[string]any{"files": files, "hash": hex.EncodeToString(message.RemoteConfig.ConfigHash)})
		status := &protobufs.RemoteConfigStatus{LastRemoteConfigHash: message.RemoteConfig.ConfigHash}
		status.Status = protobufs.RemoteConfigStatuses_RemoteConfigStatuses_APPLIED
		if failed {
			status.Status = protobufs.RemoteConfigStatuses_RemoteConfigStatuses_FAILED
			status.ErrorMessage = "the configuration is broken"
		} else if body, ok := files[""]; ok {
			effective = body
			_ = agent.UpdateEffectiveConfig(ctx)
		}
		_ = agent.SetRemoteConfigStatus(status)
	}
	must(agent.Start(context.Background(), types.StartSettings{
		OpAMPServerURL: url, Header: header, InstanceUid: types.InstanceUid(uid), Callbacks: callbacks,
		Capabilities: capabilities, HeartbeatInterval: &interval, PackagesStateProvider: installer,
	}))
	tell("started", map[string]any{"uid": uid.String()})
	input := bufio.NewScanner(os.Stdin)
	for input.Scan() {
		word, rest, _ := strings.Cut(input.Text(), " ")
		switch word {
		case "health", "unhealthy":
			must(agent.SetHealth(&protobufs.ComponentHealth{
				Healthy: word == "health", StartTimeUnixNano: 1, LastError: rest}))
		case "describe":
			must(agent.SetAgentDescription(describe(rest, uid)))
		case "effective":
			effective = rest
			must(agent.UpdateEffectiveConfig(context.Background()))
		case "custom":
			_, err := agent.SendCustomMessage(&protobufs.CustomMessage{Capability: custom, Type: rest, Data: []byte("data")})
			if err != nil && !errors.Is(err, types.ErrCustomMessagePending) {
				tell("log", map[string]any{"text": err.Error()})
			}
		case "stop":
			must(agent.Stop(context.Background()))
			tell("stopped", nil)
			time.Sleep(100 * time.Millisecond)
			return
		}
	}
}
