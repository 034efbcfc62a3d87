package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"
)

// recipients are whom an archive is encrypted to; nobody: it is not.
type recipients struct {
	keys  []string
	files []string
}

func declareRecipients(flags *flag.FlagSet) *recipients {
	r := new(recipients)
	flags.Func("recipient", "encrypt the file to this public `key` of age (age1…); can be repeated", func(s string) error {
		r.keys = append(r.keys, s)
		return nil
	})
	flags.Func("recipients-file", "encrypt the file to all public keys in this `file`, one a line; can be repeated", func(s string) error {
		r.files = append(r.files, s)
		return nil
	})
	return r
}

// parse repeats no key: what was given may be a secret one by mistake.
func (r *recipients) parse() ([]age.Recipient, error) {
	list, err := parseKeys(r.keys)
	if err != nil {
		return nil, usagef("-recipient %v", err)
	}
	for _, name := range r.files {
		f, err := os.Open(name)
		if err != nil {
			return nil, usageError{err}
		}
		text, err := io.ReadAll(io.LimitReader(f, maxKeyFileBytes))
		f.Close()
		if err != nil {
			return nil, err
		}
		more, err := age.ParseRecipients(bytes.NewReader(text))
		if err != nil {
			return nil, usagef("%s is not a file of public keys of age (age1…, one a line)", name)
		}
		list = append(list, more...)
	}
	if err := together(list); err != nil {
		return nil, usagef("-recipient: %v", err)
	}
	return list, nil
}

// parseKeys reads public keys, and repeats none.
func parseKeys(keys []string) (list []age.Recipient, err error) {
	for _, k := range keys {
		one, err := age.ParseRecipients(strings.NewReader(k))
		if err != nil || len(one) != 1 {
			return nil, errors.New("is not a public key of age (age1…)")
		}
		list = append(list, one...)
	}
	return list, nil
}

// together says why nothing can be encrypted to some keys at once, as to classic and
// post-quantum ones.
func together(list []age.Recipient) error {
	if len(list) == 0 {
		return nil
	}
	_, err := age.Encrypt(io.Discard, list...)
	return err
}

// parseRecipients reads the keys of a schedule.
func parseRecipients(keys []string) ([]age.Recipient, error) {
	list, err := parseKeys(keys)
	if err == nil {
		err = together(list)
	}
	return list, err
}

// encryptTo encrypts what is written to it, for some recipients or for nobody.
func encryptTo(w io.Writer, list []age.Recipient) (io.WriteCloser, error) {
	if len(list) == 0 {
		return plainText{w}, nil
	}
	out, err := age.Encrypt(w, list...)
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	return out, nil
}

type plainText struct{ io.Writer }

func (plainText) Close() error { return nil }
