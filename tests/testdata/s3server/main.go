// An S3 server for the tests: VersityGW in front of a folder, without what takes long to build.
//
//	s3server FOLDER ADDRESS
//
// The folders in FOLDER are its buckets. AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are the only user.
// Prints a line once it listens.
package main

import (
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3api"
	"github.com/versity/versitygw/s3api/middlewares"
)

func main() {
	if err := serve(os.Args[1], os.Args[2]); err != nil {
		log.Fatal(err)
	}
}

func serve(folder, address string) error {
	buckets, attributes := filepath.Join(folder, "buckets"), filepath.Join(folder, "attributes")
	for _, path := range []string{buckets, attributes} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	}
	beside, err := meta.NewSideCar(attributes)
	if err != nil {
		return err
	}
	backend, err := posix.New(buckets, beside, posix.PosixOpts{SideCarDir: attributes, Concurrency: 1000})
	if err != nil {
		return err
	}
	user := middlewares.RootUserConfig{
		Access: os.Getenv("AWS_ACCESS_KEY_ID"),
		Secret: os.Getenv("AWS_SECRET_ACCESS_KEY"),
	}
	root := auth.Account{Access: user.Access, Secret: user.Secret, Role: auth.RoleAdmin}
	server, err := s3api.New(backend, user, "us-east-1", auth.NewIAMServiceSingle(root), nil, nil, nil, nil,
		s3api.WithQuiet(),
		s3api.WithKeepAlive(),
		s3api.WithConcurrencyLimiter(10000, 10000),
		s3api.WithOnListen(func() { fmt.Println("listening") }),
	)
	if err != nil {
		return err
	}
	return server.ServeMultiPort([]string{address})
}
