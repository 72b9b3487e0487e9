package peers

import (
	"context"
	"errors"
	"io"
	"net/rpc"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/pipegen/pipegen/bench/stages"
)

// Square as a plugin of hashicorp/go-plugin, which is this program run again, over net/rpc and over gRPC.

var pluginHandshake = plugin.HandshakeConfig{ProtocolVersion: 1, MagicCookieKey: "BENCH_PLUGIN", MagicCookieValue: "square"}

// plugins has the plugin's own side and its host's for a protocol, netrpc or grpc.
func plugins(protocol string) plugin.PluginSet {
	if protocol == string(plugin.ProtocolGRPC) {
		return plugin.PluginSet{protocol: grpcPlugin{}}
	}
	return plugin.PluginSet{protocol: rpcPlugin{}}
}

// asker is the plugin as its host sees it.
type asker interface{ Ask(x int) (int, error) }

// PluginChild makes this process a plugin if a host has started it as one, and does not return then.
func PluginChild() {
	if os.Getenv(pluginHandshake.MagicCookieKey) == "" {
		return
	}
	protocol := os.Getenv(pluginProtocol)
	config := &plugin.ServeConfig{HandshakeConfig: pluginHandshake, Plugins: plugins(protocol), Logger: hclog.NewNullLogger()}
	if protocol == string(plugin.ProtocolGRPC) {
		config.GRPCServer = plugin.DefaultGRPCServer
	}
	plugin.Serve(config)
	os.Exit(0)
}

// pluginProtocol tells a plugin what to speak.
const pluginProtocol = "BENCH_PLUGIN_PROTOCOL"

// A Plugin is a plugin that runs.
type Plugin struct {
	client *plugin.Client
	asker  asker
}

// StartPlugin starts this program as a plugin that speaks netrpc or grpc.
func StartPlugin(protocol string) (*Plugin, error) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), pluginProtocol+"="+protocol)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: pluginHandshake, Plugins: plugins(protocol), Cmd: c, Logger: hclog.NewNullLogger(),
		AllowedProtocols: []plugin.Protocol{plugin.Protocol(protocol)}, SyncStdout: io.Discard, SyncStderr: io.Discard,
	})
	conn, err := client.Client()
	if err != nil {
		client.Kill()
		return nil, err
	}
	service, err := conn.Dispense(protocol)
	if err != nil {
		client.Kill()
		return nil, err
	}
	return &Plugin{client, service.(asker)}, nil
}

// Stop ends the plugin, if it has been started.
func (p *Plugin) Stop() {
	if p != nil {
		p.client.Kill()
	}
}

// Ask sends n items, one at a time, and adds the results.
func (p *Plugin) Ask(ctx context.Context, n int) error {
	for x := range stages.Ints(n) {
		y, err := p.asker.Ask(x)
		if err == nil {
			err = stages.Add(ctx, y)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// squareService is the plugin's own side: a service of net/rpc, and of gRPC.
type squareService struct{}

// Square is called by net/rpc.
func (squareService) Square(x int, y *int) (err error) {
	*y, err = stages.Square(context.Background(), x)
	return err
}

type rpcPlugin struct{}

func (rpcPlugin) Server(*plugin.MuxBroker) (any, error) { return squareService{}, nil }
func (rpcPlugin) Client(_ *plugin.MuxBroker, c *rpc.Client) (any, error) {
	return rpcAsker{c}, nil
}

type rpcAsker struct{ client *rpc.Client }

func (a rpcAsker) Ask(x int) (y int, err error) {
	err = a.client.Call("Plugin.Square", x, &y)
	return y, err
}

type grpcPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (grpcPlugin) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	s.RegisterService(&squareDesc, squareService{})
	return nil
}

func (grpcPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, c *grpc.ClientConn) (any, error) {
	return grpcAsker{c}, nil
}

type grpcAsker struct{ conn *grpc.ClientConn }

func (a grpcAsker) Ask(x int) (int, error) {
	var y wrapperspb.Int64Value
	err := a.conn.Invoke(context.Background(), "/Square/Square", wrapperspb.Int64(int64(x)), &y)
	return int(y.GetValue()), err
}

// squareDesc is what protoc would generate of: service Square { rpc Square(Int64Value) returns (Int64Value); }
var squareDesc = grpc.ServiceDesc{
	ServiceName: "Square",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{MethodName: "Square", Handler: func(srv any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
		var x wrapperspb.Int64Value
		var y int
		err := errors.Join(decode(&x), srv.(squareService).Square(int(x.GetValue()), &y))
		return wrapperspb.Int64(int64(y)), err
	}}},
}
