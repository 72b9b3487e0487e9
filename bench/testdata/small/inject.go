//go:build wireinject

package small

import "github.com/google/wire"

func newServer() *Server {
	wire.Build(NewLog, NewClient, NewServer)
	return nil
}
