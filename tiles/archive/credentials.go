package archive

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/config"
)

// emptySHA256 is the digest of no body, which the signature of a GET covers.
const emptySHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

// defaultRegion is the region of stores that have none of their own, such as MinIO and Ceph.
const defaultRegion = "us-east-1"

// sign signs a request for an S3 API, or leaves it as it is when the environment has no keys. The keys are read anew each
// time, so that those renewed in the file are used at once.
//
// Keys come from the environment (AWS_ACCESS_KEY_ID, …) or the SDK's files and from nowhere else: the SDK's chain of
// providers, which asks metadata services and runs programs, is not used.
func sign(ctx context.Context, r *http.Request, region string) error {
	keys, found, err := environment(ctx)
	if err != nil || !keys.HasKeys() {
		return err
	}
	if region == "" {
		region = found
	}
	if region == "" {
		region = defaultRegion
	}
	r.Header.Set("X-Amz-Content-Sha256", emptySHA256)
	signer := v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }) // S3 signs the path as it is sent
	return signer.SignHTTP(ctx, keys, r, emptySHA256, "s3", region, time.Now())
}

// environment reads the keys and the region that the environment and the SDK's files name; without any, both are empty.
func environment(ctx context.Context) (aws.Credentials, string, error) {
	env, err := config.NewEnvConfig()
	if err != nil {
		return aws.Credentials{}, "", fmt.Errorf("read the environment's keys: %w", err)
	}
	profile := env.SharedConfigProfile
	if profile == "" {
		profile = "default"
	}
	shared, err := config.LoadSharedConfigProfile(ctx, profile, func(o *config.LoadSharedConfigOptions) {
		if env.SharedCredentialsFile != "" {
			o.CredentialsFiles = []string{env.SharedCredentialsFile}
		}
		if env.SharedConfigFile != "" {
			o.ConfigFiles = []string{env.SharedConfigFile}
		}
	})
	region := env.Region
	if region == "" {
		region = shared.Region
	}
	if env.Credentials.HasKeys() {
		return env.Credentials, region, nil
	}
	if missing := (config.SharedConfigProfileNotExistError{}); errors.As(err, &missing) && env.SharedConfigProfile == "" {
		return aws.Credentials{}, region, nil
	}
	if err != nil {
		return aws.Credentials{}, "", fmt.Errorf("read profile %q of the keys' files: %w", profile, err)
	}
	if !shared.Credentials.HasKeys() && env.SharedConfigProfile != "" {
		return aws.Credentials{}, "", fmt.Errorf("profile %q of the keys' files has no keys; bando asks no other service for them", profile)
	}
	return shared.Credentials, region, nil
}
