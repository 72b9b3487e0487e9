"""One program for each verb: its argument says which."""
import json, os, sys, time

def split(line):
    return line.split()

def long(word):
    return len(word) > 3

def count(word):
    return {"Text": word, "Letters": len(word), "Raw": "AAH/"} if word.isalpha() else None

def shout(word):
    if word["Text"] == "fail":
        raise ValueError("it is " + word["Text"])
    if word["Text"] == "crash":
        sys.stderr.write("about to crash\n")
        sys.stderr.flush()
        os._exit(3)
    if word["Text"] == "hang":
        time.sleep(3600)
    if word["Text"] == "chatter":
        print("so much to say")
    return {**word, "Text": word["Text"].upper()}

def note(word):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(word["Text"] + "\n")

step = globals()[sys.argv[1]]
for line in sys.stdin:
    request = json.loads(line)
    answer = {"id": request["id"]}
    try:
        answer["item"] = step(request["item"])
    except Exception as error:
        answer["error"] = f"{type(error).__name__}: {error}"
    print(json.dumps(answer), flush=True)
