package main

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
)

func TestPageIsRendered(t *testing.T) {
	folder := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "hello.md"), []byte("# Hello\n"), 0o600))
	answer := httptest.NewRecorder()
	pages(folder, zap.NewNop()).ServeHTTP(answer, httptest.NewRequest("GET", "/hello", nil))
	require.Equal(t, "<h1>Hello</h1>\n", answer.Body.String())
}

func TestSettingsAreChecked(t *testing.T) {
	_, err := parse("address = \"localhost:8080\"\nfolder = \".\"\n")
	require.NoError(t, err)
	_, err = parse("address = \"nowhere\"\n")
	require.Error(t, err)
}
