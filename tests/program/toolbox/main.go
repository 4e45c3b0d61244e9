// Command toolbox serves a folder's Markdown files as web pages. It is small; what it stands on is not.
package main

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"
	"github.com/go-chi/chi/v5"
	"github.com/go-playground/validator/v10"
	"github.com/yuin/goldmark"
	"go.uber.org/zap"
)

type settings struct {
	Address string `toml:"address" validate:"required,hostname_port"`
	Folder  string `toml:"folder" validate:"required"`
}

func parse(text string) (settings, error) {
	var parsed settings
	if _, err := toml.Decode(text, &parsed); err != nil {
		return parsed, err
	}
	return parsed, validator.New().Struct(parsed)
}

func pages(folder string, log *zap.Logger) http.Handler {
	router := chi.NewRouter()
	router.Get("/{page}", func(answer http.ResponseWriter, request *http.Request) {
		name := filepath.Join(folder, filepath.Base(chi.URLParam(request, "page"))+".md")
		text, err := os.ReadFile(name)
		if err != nil {
			http.NotFound(answer, request)
			return
		}
		var page bytes.Buffer
		if err := goldmark.Convert(text, &page); err != nil {
			log.Error("a page cannot be rendered", zap.String("file", name), zap.Error(err))
			http.Error(answer, "broken page", http.StatusInternalServerError)
			return
		}
		_, _ = page.WriteTo(answer)
	})
	return router
}

func main() {
	var arguments struct {
		Settings string `arg:"" help:"The file of settings."`
	}
	command := kong.Parse(&arguments)
	text, err := os.ReadFile(arguments.Settings)
	command.FatalIfErrorf(err)
	parsed, err := parse(string(text))
	command.FatalIfErrorf(err)
	command.FatalIfErrorf(http.ListenAndServe(parsed.Address, pages(parsed.Folder, zap.NewExample())))
}
