package http

import (
	"cmp"
	"crypto"
	"crypto/rand"
	_ "crypto/sha256"
	_ "crypto/sha3"
	_ "crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"strconv"
)

// maxRandomBytes is what one request may ask for.
const maxRandomBytes = 128 << 10

func (s *Server) toolRoutes() {
	random := about{update: "Draws random bytes.", takes: "bytes tools.format tools.source"}
	s.handle(route{path: "sys/tools/random", folder: true, update: drawRandom, about: random})
	s.handle(route{path: "sys/tools/random/{source}", update: drawRandom, about: random})
	s.handle(route{path: "sys/tools/random/{source}/{bytes}", update: drawRandom, about: random})
	hash := about{update: "Hashes bytes.", takes: "tools.input tools.format algorithm"}
	s.handle(route{path: "sys/tools/hash", folder: true, update: hashInput, about: hash})
	s.handle(route{path: "sys/tools/hash/{algorithm}", update: hashInput, about: hash})
}

// drawRandom draws bytes from the operating system. The path may name the source
// and the number of bytes, or one of them; it wins over the body.
func drawRandom(c *call) (answer, error) {
	n, format, source := c.body.text("bytes"), c.body.text("format"), c.body.text("source")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	inPath := c.variable("source")
	if _, err := strconv.Atoi(inPath); err == nil && c.variable("bytes") == "" {
		n = inPath
	} else {
		n, source = cmp.Or(c.variable("bytes"), n), cmp.Or(inPath, source)
	}
	switch source {
	case "", "platform", "all":
	case "seal":
		return answer{}, invalid("source \"seal\" is not supported: the seal key is a file and draws nothing")
	default:
		return answer{}, invalid("unsupported entropy source %s; must be \"platform\" or \"seal\", or \"all\"", quote(source))
	}
	count, err := strconv.Atoi(cmp.Or(n, "32"))
	switch {
	case err != nil:
		return answer{}, invalid("error parsing url-set byte count: \"bytes\" is %s, expected a whole number", quote(n))
	case count < 1:
		return answer{}, invalid("\"bytes\" cannot be less than 1")
	case count > maxRandomBytes:
		return answer{}, invalid("\"bytes\" should be less than %d", maxRandomBytes)
	}
	spell, err := speller(cmp.Or(format, "base64"))
	if err != nil {
		return answer{}, err
	}
	if err := c.judge(); err != nil {
		return answer{}, err
	}
	drawn := make([]byte, count)
	rand.Read(drawn) // never fails: the process ends instead
	return answer{data: object{"random_bytes": spell(drawn)}}, nil
}

var hashes = map[string]crypto.Hash{
	"sha2-224": crypto.SHA224, "sha2-256": crypto.SHA256, "sha2-384": crypto.SHA384, "sha2-512": crypto.SHA512,
	"sha3-224": crypto.SHA3_224, "sha3-256": crypto.SHA3_256, "sha3-384": crypto.SHA3_384, "sha3-512": crypto.SHA3_512,
}

func hashInput(c *call) (answer, error) {
	input, format, algorithm := c.body.text("input"), c.body.text("format"), c.body.text("algorithm")
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	algorithm = cmp.Or(c.variable("algorithm"), algorithm, "sha2-256")
	hash, ok := hashes[algorithm]
	if !ok {
		return answer{}, invalid("unsupported algorithm %s", quote(algorithm))
	}
	spell, err := speller(cmp.Or(format, "hex"))
	if err != nil {
		return answer{}, err
	}
	data, err := base64.StdEncoding.DecodeString(input)
	if err != nil {
		return answer{}, invalid("unable to decode input as base64: %v", err)
	}
	if err := c.judge(); err != nil {
		return answer{}, err
	}
	h := hash.New()
	h.Write(data)
	return answer{data: object{"sum": spell(h.Sum(nil))}}, nil
}

func speller(format string) (func([]byte) string, error) {
	switch format {
	case "base64":
		return base64.StdEncoding.EncodeToString, nil
	case "hex":
		return hex.EncodeToString, nil
	}
	return nil, invalid("unsupported encoding format %s; must be \"hex\" or \"base64\"", quote(format))
}
