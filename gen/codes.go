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
	codeResource     = "PG214"

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
	codeCase        = "PG310"
	codeExhaustive  = "PG311"
	codeSwitchKey   = "PG312"
	codeDeadLetter  = "PG313"
	codePriorityKey = "PG314"
	codeJoinKeys    = "PG315"
	codeState       = "PG316"

	// Graph.
	codeUnknownFrom = "PG401"
	codeTwoReaders  = "PG402"
	codeUnread      = "PG403"
	codeCycle       = "PG404"
	codeNoInput     = "PG405"
	codeSameName    = "PG406"
	codeUnused      = "PG407"
	codeNowhere     = "PG408"
	codeNoContext   = "PG409" // warning
	codeOrderLost   = "PG410" // warning
	codeUnlimited   = "PG411" // warning
	codeFuse        = "PG412"
	codeFanOut      = "PG414"
	codeUnreachable = "PG415"
	codeDeadQueue   = "PG416"
	codeFeedback    = "PG417"
	codeInCycle     = "PG418"
	codeDeadlock    = "PG419"
	codeZipOrder    = "PG420"
	codeQueueUse    = "PG421"
	codeNoItem      = "PG422"
	codeNoError     = "PG423" // warning
	codeOrderedKeys = "PG424"
	codePipe        = "PG425"
	codeHeld        = "PG426" // warning, of Vet

	// Processes.
	codeCrossing    = "PG501"
	codeWorkerParam = "PG502"
	codeContract    = "PG506"
	codeAssigned    = "PG508" // warning, of Vet
	codeMemory      = "PG509"

	// Output.
	codeDeclared    = "PG601"
	codeTwoSpecs    = "PG602"
	codeField       = "PG603"
	codePredeclared = "PG604"
)
