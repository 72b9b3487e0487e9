package spec

import (
	"regexp"
	"strings"
	"unicode"
)

// maxName is the length of the longest name: that of a DNS label and of most metric systems.
const maxName = 63

var nameGrammar = regexp.MustCompile(`^[a-z][a-z0-9]*([_-][a-z0-9]+)*$`)

// IsName says whether s can be the name of a pipeline, stage or param: lower-case words of letters and
// digits, joined by "-" or "_", the first beginning with a letter, at most 63 characters in all.
func IsName(s string) bool { return len(s) <= maxName && nameGrammar.MatchString(s) }

// initialisms are the words that Go code writes in capitals, as golint had them.
var initialisms = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(`acl api ascii cpu css db dns eof guid html http https id ip json lhs qps ram
		rhs rpc sla smtp sql ssh tcp tls ttl udp ui uid uuid uri url utf8 vm xml xmpp xsrf xss`) {
		m[w] = true
	}
	return m
}()

// GoName returns the exported Go identifier of a name: "link-check" becomes LinkCheck, "http-get" HTTPGet.
// The argument must satisfy [IsName].
func GoName(name string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }) {
		if initialisms[word] {
			b.WriteString(strings.ToUpper(word))
		} else {
			b.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return b.String()
}

// SnakeName returns the name of a stage whose function has the given Go identifier: ReadURLs becomes
// "read_urls", HTTPGet "http_get". The result always satisfies [IsName]: letters outside a to z are left
// out, and where nothing is left it is "stage".
func SnakeName(goName string) string {
	var b strings.Builder
	rs := []rune(goName)
	for i, r := range rs {
		if i > 0 && beginsWord(rs, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	ascii := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, b.String())
	name := strings.Join(strings.FieldsFunc(ascii, func(r rune) bool { return r == '_' }), "_")
	if name == "" {
		return "stage"
	}
	if name[0] <= '9' {
		name = "stage_" + name
	}
	if len(name) > maxName {
		name = strings.TrimRight(name[:maxName], "_")
	}
	return name
}

// beginsWord says whether a word of the camel-case identifier begins at rs[i], i > 0: at a capital after a
// small letter or digit, and at the last capital of a run that small letters follow. The plural s of an
// initialism belongs to it: the words of ReadURLsFast are Read, URLs, Fast.
func beginsWord(rs []rune, i int) bool {
	if !unicode.IsUpper(rs[i]) {
		return false
	}
	if !unicode.IsUpper(rs[i-1]) {
		return true
	}
	if i+1 == len(rs) || !unicode.IsLower(rs[i+1]) {
		return false
	}
	plural := rs[i+1] == 's' && (i+2 == len(rs) || !unicode.IsLower(rs[i+2]))
	return !plural
}
