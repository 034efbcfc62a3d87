package s3_test

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"
)

const versityID = "jetontest"

// startVersity runs versitygw, a real server whose objects are files, if there is one:
//
//	go install github.com/versity/versitygw/cmd/versitygw@v1.8.0
//
// It takes two minutes to compile, so nothing here does that.
func startVersity(t *testing.T) (url string) {
	t.Helper()
	program, err := exec.LookPath("versitygw")
	if err != nil {
		t.Skip("NOTHING IS TESTED AGAINST A REAL S3 SERVER: versitygw is not in PATH, and JETON_TEST_S3_ENDPOINT names none")
	}
	addr := freeAddr(t)
	cmd := exec.Command(program, "--port", addr, "posix", "--sidecar", t.TempDir(), t.TempDir())
	cmd.Env = append(os.Environ(), "ROOT_ACCESS_KEY_ID="+versityID, "ROOT_SECRET_ACCESS_KEY="+secret,
		"ROOT_ACCESS_KEY="+versityID, "ROOT_SECRET_KEY="+secret)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		resp, err := http.Get("http://" + addr)
		if err == nil {
			resp.Body.Close()
			return "http://" + addr
		}
		if time.Now().After(deadline) {
			t.Fatalf("versitygw does not answer: %v", err)
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}
