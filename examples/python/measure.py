"""Measures files: a line with a path comes in, a line with what the file has goes out."""
import collections, hashlib, json, re, sys

def measure(path):
    with open(path, "rb") as file:
        text = file.read()
    words = collections.Counter(re.findall(rb"[A-Za-z_][A-Za-z_0-9]*", text))
    top = sorted(words.items(), key=lambda word: (-word[1], word[0]))[:3]
    return {"path": path, "lines": text.count(b"\n"), "words": words.total(), "distinct": len(words),
            "top": [{"word": w.decode(), "count": n} for w, n in top], "sha256": hashlib.sha256(text).hexdigest()}

for line in sys.stdin:
    request = json.loads(line)
    answer = {"id": request["id"]}
    try:
        answer["item"] = measure(request["item"])
    except Exception as error:
        answer["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)
