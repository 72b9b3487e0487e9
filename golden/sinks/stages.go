// Package sinks has a sink of each signature.
package sinks

import (
	"context"

	"github.com/pipegen/pipegen/golden/internal/probe"
)

func plain(n int) { probe.Visit("plain", n) }

func withContext(ctx context.Context, n int) { probe.VisitContext(ctx, "with_context", n) }

func fallible(n int) error { return probe.At("fallible", n) }

func both(ctx context.Context, n int) error { return probe.AtContext(ctx, "both", n) }
