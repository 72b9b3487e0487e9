package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strings"
)

// mutant is one change of one file: the bytes from..to are replaced.
type mutant struct {
	file     string
	line     int
	function string
	kind     kind
	change   string // in words
	from, to int
	with     string
}

// id names the change without its line, which moves.
func (m mutant) id() string {
	return fmt.Sprintf("%s: %s: %s", path.Base(m.file), m.function, m.change)
}

func (m mutant) String() string {
	return fmt.Sprintf("%s:%d: %s: %s [%s]", m.file, m.line, m.function, m.change, m.kind)
}

// apply returns src with the change.
func (m mutant) apply(src []byte) []byte {
	return slices.Concat(src[:m.from], []byte(m.with), src[m.to:])
}

// collector walks one file.
type collector struct {
	file     string
	src      []byte
	fset     *token.FileSet
	function string
	found    []mutant
	seen     map[string]int // by id: several the same in one function are numbered
}

// mutants lists the changes of one file, in its order.
func mutants(name string, src []byte) ([]mutant, error) {
	c := &collector{file: name, src: src, fset: token.NewFileSet(), seen: make(map[string]int)}
	file, err := parser.ParseFile(c.fset, name, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		c.function = f.Name.Name
		c.walk(f.Body)
	}
	slices.SortStableFunc(c.found, func(a, b mutant) int { return a.line - b.line })
	return c.found, nil
}

func (c *collector) offset(p token.Pos) int { return c.fset.Position(p).Offset }

func (c *collector) text(n ast.Node) string {
	return string(c.src[c.offset(n.Pos()):c.offset(n.End())])
}

// short is the text of n in one line of moderate length.
func (c *collector) short(n ast.Node) string {
	const most = 70
	text := strings.Join(strings.Fields(c.text(n)), " ")
	if len(text) > most {
		text = text[:most] + "…"
	}
	return text
}

// add notes the change of n into the text with.
func (c *collector) add(k kind, n ast.Node, change, with string) {
	c.replace(k, n.Pos(), n.End(), change, with)
}

func (c *collector) replace(k kind, from, to token.Pos, change, with string) {
	m := mutant{
		file: c.file, line: c.fset.Position(from).Line, function: c.function,
		kind: k, change: change, from: c.offset(from), to: c.offset(to), with: with,
	}
	c.seen[m.id()]++
	if n := c.seen[m.id()]; n > 1 {
		m.change = fmt.Sprintf("%s (%d)", change, n)
	}
	c.found = append(c.found, m)
}

func (c *collector) walk(body ast.Node) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			c.statements(n.List)
		case *ast.CaseClause:
			c.statements(n.Body)
		case *ast.CommClause:
			c.statements(n.Body)
		case *ast.IfStmt:
			c.condition(n.Cond)
		case *ast.ForStmt:
			if n.Cond != nil {
				c.condition(n.Cond)
			}
		case *ast.SelectStmt:
			c.selects(n)
		case *ast.BinaryExpr:
			c.bound(n)
		case *ast.CallExpr:
			c.extreme(n)
			c.emitted(n)
		case *ast.CompositeLit:
			c.emittedList(n)
		case *ast.ReturnStmt:
			c.results(n)
		}
		return true
	})
}

// statements leaves out each statement, and exchanges neighbours of which one is an atomic step. What is left out
// stays where it is, unreachable, so that what it uses is still used.
func (c *collector) statements(list []ast.Stmt) {
	for i, s := range list {
		if k, ok := removable(s); ok {
			c.add(k, s, "leave out "+c.short(s), "if false { "+c.text(s)+" }")
		}
		if i+1 < len(list) && simple(s) && simple(list[i+1]) && (atomicStep(s) || atomicStep(list[i+1])) {
			next := list[i+1]
			c.replace(orders, s.Pos(), next.End(), fmt.Sprintf("exchange %s and %s", c.short(s), c.short(next)),
				c.text(next)+"\n"+c.text(s))
		}
	}
}

// removable says whether s can be left out, and what that is about.
func removable(s ast.Stmt) (kind, bool) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		blank := true
		for _, left := range s.Lhs {
			if id, ok := left.(*ast.Ident); !ok || id.Name != "_" {
				blank = false
			}
		}
		if s.Tok == token.DEFINE || blank {
			return "", false
		}
		for _, left := range s.Lhs { // what is assigned says more than what it is made of
			if k := about(left, others); k != others {
				return k, true
			}
		}
		return about(s, others), true
	case *ast.IncDecStmt, *ast.ExprStmt, *ast.SendStmt:
		return about(s, others), true
	case *ast.DeferStmt:
		if lit, ok := s.Call.Fun.(*ast.FuncLit); ok {
			return about(lit.Body, others), true
		}
		return about(s, others), true
	case *ast.GoStmt:
		return waits, true
	case *ast.BranchStmt:
		return branches, s.Tok == token.BREAK || s.Tok == token.CONTINUE
	case *ast.ReturnStmt:
		return branches, true // where it is the last one, what is left does not compile
	case *ast.RangeStmt, *ast.ForStmt:
		return about(s, others), true
	}
	return "", false
}

func simple(s ast.Stmt) bool {
	switch s := s.(type) {
	case *ast.ExprStmt, *ast.IncDecStmt:
		return true
	case *ast.AssignStmt:
		return s.Tok != token.DEFINE
	}
	return false
}

// atomicStep says whether s stores an atomic value.
func atomicStep(s ast.Stmt) bool {
	e, ok := s.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := e.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	return ok && (f.Sel.Name == "Store" || f.Sel.Name == "Add")
}

// condition turns cond round, and ignores each of its parts.
func (c *collector) condition(cond ast.Expr) {
	c.add(about(cond, branches), cond, "turn round "+c.short(cond), "!("+c.text(cond)+")")
	c.parts(cond)
}

func (c *collector) parts(cond ast.Expr) {
	switch e := cond.(type) {
	case *ast.ParenExpr:
		c.parts(e.X)
	case *ast.BinaryExpr:
		neutral := map[token.Token]string{token.LAND: "|| true", token.LOR: "&& false"}[e.Op]
		if neutral == "" {
			return
		}
		for _, part := range []ast.Expr{e.X, e.Y} {
			if b, ok := part.(*ast.BinaryExpr); !ok || b.Op != e.Op { // its own parts come below
				c.add(about(part, branches), part, fmt.Sprintf("ignore %s in %s", c.short(part), c.short(cond)),
					"("+c.text(part)+" "+neutral+")")
			}
			c.parts(part)
		}
	}
}

// selects drops each case of a select that has others.
func (c *collector) selects(s *ast.SelectStmt) {
	if len(s.Body.List) < 2 {
		return
	}
	for _, clause := range s.Body.List {
		comm, k := clause.(*ast.CommClause), waits
		what := "default"
		if comm.Comm != nil {
			what = c.short(comm.Comm)
			k = about(comm.Comm, waits)
			if strings.Contains(what, "Done()") {
				k = cancels
			}
		}
		c.add(k, comm, "drop the case "+what, "")
	}
}

// bound moves a limit by one.
func (c *collector) bound(e *ast.BinaryExpr) {
	to := map[token.Token]string{token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">"}[e.Op]
	if to != "" {
		c.add(bounds, e, fmt.Sprintf("%s for %s in %s", to, e.Op, c.short(e)), c.text(e.X)+" "+to+" "+c.text(e.Y))
		return
	}
	one, ok := e.Y.(*ast.BasicLit)
	if ok && one.Value == "1" && (e.Op == token.ADD || e.Op == token.SUB) {
		c.add(bounds, e, "without "+e.Op.String()+" 1: "+c.short(e), c.text(e.X)+" "+e.Op.String()+" 0")
	}
}

// extreme exchanges min and max.
func (c *collector) extreme(call *ast.CallExpr) {
	id, ok := call.Fun.(*ast.Ident)
	if !ok || len(call.Args) < 2 {
		return
	}
	if to := map[string]string{"min": "max", "max": "min"}[id.Name]; to != "" {
		c.replace(bounds, id.Pos(), id.End(), to+" for "+c.short(call), to)
	}
}

// results turns round each boolean that is returned.
func (c *collector) results(r *ast.ReturnStmt) {
	for _, e := range r.Results {
		id, ok := e.(*ast.Ident)
		if !ok {
			continue
		}
		if to := map[string]string{"true": "false", "false": "true"}[id.Name]; to != "" {
			c.add(results, id, "return "+to+" for "+id.Name, to)
		}
	}
}

// emitted leaves out each statement of the generated code that a block is made of.
func (c *collector) emitted(call *ast.CallExpr) {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || f.Sel.Name != "Block" || !strings.HasPrefix(path.Base(c.file), "emit") || call.Ellipsis.IsValid() {
		return
	}
	c.elements(call.Args)
}

// emittedList leaves out each statement of a list of generated code.
func (c *collector) emittedList(lit *ast.CompositeLit) {
	list, ok := lit.Type.(*ast.ArrayType)
	if !ok || c.text(list) != "[]jen.Code" {
		return
	}
	c.elements(lit.Elts)
}

func (c *collector) elements(list []ast.Expr) {
	for _, e := range list {
		// jennifer writes nothing for an empty code in the place of a statement
		c.add(about(e, others), e, "emit no "+c.short(e), "func() jen.Code { if true { return jen.Null() }; return "+c.text(e)+" }()")
	}
}
