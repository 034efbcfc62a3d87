package postgres

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// draw makes n random base62 characters, each equally likely.
func draw(n int) string {
	out, buf := make([]byte, 0, n), make([]byte, 2*n)
	for len(out) < n {
		rand.Read(buf)
		for _, v := range buf {
			if v < 248 && len(out) < n { // 248 is 4*62
				out = append(out, base62[v%62])
			}
		}
	}
	return string(out)
}

// accountName draws the name of an account in Vault's form, at most 63 bytes of
// letters, digits, - and _: v-<who>-<role>-<random>-<time>.
func accountName(who, role string, at time.Time) string {
	return "v-" + word(who, 8) + "-" + word(role, 8) + "-" + draw(20) + "-" + strconv.FormatInt(at.Unix(), 10)
}

// word is at most n of the characters of a text, those that need no quoting.
func word(text string, n int) string {
	out := make([]byte, 0, n)
	for i := 0; i < len(text) && len(out) < n; i++ {
		if c := text[i]; c == '-' || c == '_' || strings.IndexByte(base62, c) >= 0 {
			out = append(out, c)
		}
	}
	return string(out)
}

// isAccountName tells names that accountName can have made. What else a lease
// holds is not put into a statement.
func isAccountName(name string) bool {
	return len(name) <= 63 && strings.HasPrefix(name, "v-") && word(name, len(name)) == name
}

// passwordChars is the length of a drawn password: 142 bits, and a hyphen.
const passwordChars = 24

// drawPassword makes a password of letters of both cases, digits and a hyphen: what
// servers with rules for passwords ask for.
func drawPassword() string {
	for {
		p := draw(passwordChars)
		if strings.ContainsAny(p, base62[:10]) && strings.ContainsAny(p, base62[10:36]) && strings.ContainsAny(p, base62[36:]) {
			return p[:4] + "-" + p[4:]
		}
	}
}

// scramIterations is PostgreSQL's own default.
const scramIterations = 4096

// scramVerifier is a password as PostgreSQL stores it (RFC 5802), which CREATE ROLE
// takes in place of the password.
func scramVerifier(password string, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, scramIterations, sha256.Size)
	if err != nil {
		return "", err
	}
	mac := func(text string) []byte {
		h := hmac.New(sha256.New, salted)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	stored := sha256.Sum256(mac("Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", scramIterations, b64(salt), b64(stored[:]), b64(mac("Server Key"))), nil
}

// sendable is a password as it stands in a statement.
func (c *Config) sendable(password string) (string, error) {
	if c.PasswordAuthentication != PasswordSCRAM {
		return password, nil
	}
	salt := make([]byte, 16)
	rand.Read(salt)
	return scramVerifier(password, salt)
}
