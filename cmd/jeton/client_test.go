package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The caller's token and address come from our variables, then Vault's, then
// OpenBao's, then the helper file; flags come before all.
func TestWhereTheTokenComesFrom(t *testing.T) {
	tests := []struct {
		name string
		env  map[string]string
		file string
		want string
	}{
		{"ours first", map[string]string{"JETON_TOKEN": "ours", "VAULT_TOKEN": "vault", "BAO_TOKEN": "bao"}, "file", "ours"},
		{"then Vault's", map[string]string{"VAULT_TOKEN": "vault", "BAO_TOKEN": "bao"}, "file", "vault"},
		{"then OpenBao's", map[string]string{"BAO_TOKEN": "bao"}, "file", "bao"},
		{"then the file", map[string]string{"JETON_TOKEN": ""}, "file", "file"},
		{"or none", nil, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := newFakeServer(t, ok)
			sh := newShell(t, s.URL)
			for k, v := range tt.env {
				sh.env[k] = v
			}
			if tt.file != "" {
				if err := writeSecretFile(filepath.Join(sh.home, tokenFileName), tt.file); err != nil {
					t.Fatal(err)
				}
			}
			if code, _, errs := sh.run(t.Context(), "token", "lookup"); code != exitDone {
				t.Fatalf("exit %d: %s", code, errs)
			}
			if s.token != tt.want {
				t.Errorf("sent %q, want %q", s.token, tt.want)
			}
		})
	}
}

func TestWhereTheAddressComesFrom(t *testing.T) {
	s := newFakeServer(t, ok)
	wrong := "http://127.0.0.1:1"
	tests := []struct {
		name string
		env  map[string]string
		args []string
	}{
		{"flag", map[string]string{"JETON_ADDR": wrong}, []string{"status", "-address", s.URL}},
		{"ours", map[string]string{"JETON_ADDR": s.URL, "VAULT_ADDR": wrong, "BAO_ADDR": wrong}, []string{"status"}},
		{"Vault's", map[string]string{"VAULT_ADDR": s.URL, "BAO_ADDR": wrong}, []string{"status"}},
		{"OpenBao's", map[string]string{"BAO_ADDR": s.URL}, []string{"status"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			sh := newShell(t, "")
			sh.env = tt.env
			if code, _, errs := sh.run(t.Context(), tt.args...); code != exitDone {
				t.Errorf("exit %d: %s", code, errs)
			}
		})
	}
}

func TestUnreachable(t *testing.T) {
	s := newFakeServer(t, ok)
	s.Close()
	sh := newShell(t, s.URL)
	sh.env["JETON_TOKEN"] = "jts_secret"
	for _, line := range []string{"status", "operator init", "token lookup"} {
		code, out, errs := sh.run(t.Context(), strings.Fields(line)...)
		if code != exitUsage || out != "" || !strings.Contains(errs, "connection refused") {
			t.Errorf("%s: exit %d\n%s%s", line, code, out, errs)
		}
	}
}

func TestLoginKeepsTheToken(t *testing.T) {
	s := newFakeServer(t, ok)
	for name, tt := range map[string]struct {
		args []string
		in   string
		kept string
	}{
		"argument":       {[]string{"login", "jts_arg"}, "", "jts_arg"},
		"standard input": {[]string{"login"}, "jts_in\n", "jts_in"},
		"dash":           {[]string{"login", "-"}, "jts_in\n", "jts_in"},
		"not kept":       {[]string{"login", "-no-store", "jts_arg"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			sh := newShell(t, s.URL)
			sh.in = tt.in
			if code, _, errs := sh.run(t.Context(), tt.args...); code != exitDone {
				t.Fatalf("exit %d: %s", code, errs)
			}
			got, err := readTokenFile(filepath.Join(sh.home, tokenFileName))
			if err != nil || got != tt.kept {
				t.Errorf("kept %q %v, want %q", got, err, tt.kept)
			}
		})
	}
	t.Run("refused", func(t *testing.T) {
		s.answers = map[string]answer{"GET /v1/auth/token/lookup-self": {403, `{"errors":["permission denied"]}`}}
		sh := newShell(t, s.URL)
		if code, _, _ := sh.run(t.Context(), "login", "jts_bad"); code != exitFailed {
			t.Errorf("exit %d, want %d", code, exitFailed)
		}
		if _, err := os.Stat(filepath.Join(sh.home, tokenFileName)); err == nil {
			t.Error("a refused token was kept")
		}
	})
}

func TestHelperFileThatOthersCanReadIsRefused(t *testing.T) {
	s := newFakeServer(t, ok)
	sh := newShell(t, s.URL)
	path := filepath.Join(sh.home, tokenFileName)
	if err := os.WriteFile(path, []byte("jts_secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, errs := sh.run(t.Context(), "token", "lookup")
	if code != exitFailed || strings.Contains(errs, "jts_secret") || len(s.asked) != 0 {
		t.Errorf("exit %d, asked %v: %s", code, s.asked, errs)
	}
}

func TestKeygen(t *testing.T) {
	sh := newShell(t, "")
	_, one, _ := sh.run(t.Context(), "operator", "keygen")
	_, two, _ := sh.run(t.Context(), "operator", "keygen")
	if one == two || len(one) != len("RFGs2YgoTpkgTkXJ5B8qjKfOQxYlGXpbqFkYgWqZJ1c=\n") {
		t.Errorf("drew %q and %q", one, two)
	}
	path := filepath.Join(t.TempDir(), "cluster.secret")
	if code, out, errs := sh.run(t.Context(), "operator", "keygen", "--out", path); code != exitDone || out != "" {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 || info.Size() != int64(len(one)) {
		t.Errorf("file %v %v", info, err)
	}
	if code, _, _ := sh.run(t.Context(), "operator", "keygen", "--out", path); code != exitFailed {
		t.Errorf("overwriting: exit %d, want %d", code, exitFailed)
	}
}

func TestBenchCommand(t *testing.T) {
	s := newFakeServer(t, ok)
	sh := newShell(t, s.URL)
	sh.env["JETON_TOKEN"] = "jts_mine"
	code, out, errs := sh.run(t.Context(), "bench", "-c=2", "-d=20ms", "-warmup=0s", "lookup", "-format=json", "create")
	if code != exitDone || !strings.Contains(out, `"workload": "lookup"`) || !strings.Contains(out, `"workload": "create"`) {
		t.Errorf("exit %d\n%s%s", code, out, errs)
	}
}
