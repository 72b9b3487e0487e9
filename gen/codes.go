package gen

// The codes that this package reports; spec.Codes explains each.
const (
	// Functions.
	codeNoFunction   = "PG201"
	codeUnexported   = "PG202"
	codeNotFunction  = "PG203"
	codeShape        = "PG204"
	codeUnbound      = "PG205"
	codeUnknownArg   = "PG206"
	codeBoundTwice   = "PG207"
	codeArgValue     = "PG208"
	codeInfer        = "PG209"
	codeBadSignature = "PG210"
	codeNoPackage    = "PG211"
	codeDirectory    = "PG212"
	codeParamType    = "PG213"

	// Types.
	codeMismatch    = "PG301"
	codeKey         = "PG302"
	codeNoMerge     = "PG303"
	codeMergeTypes  = "PG304"
	codeUnbatch     = "PG305"
	codeUnnameable  = "PG306"
	codeAccumulator = "PG307"
	codeOpenType    = "PG308"
	codeAny         = "PG309" // warning

	// Graph.
	codeUnknownFrom = "PG401"
	codeTwoReaders  = "PG402"
	codeUnread      = "PG403"
	codeCycle       = "PG404"
	codeNoInput     = "PG405"
	codeSameName    = "PG406"
	codeUnusedParam = "PG407"
	codeNowhere     = "PG408"
	codeNoContext   = "PG409" // warning
	codeOrderLost   = "PG410" // warning
	codeUnlimited   = "PG411" // warning
	codeFuse        = "PG412"

	// Output.
	codeDeclared    = "PG601"
	codeTwoSpecs    = "PG602"
	codeField       = "PG603"
	codePredeclared = "PG604"
)
