"""The containers of `docker/`, built and run: `make image-test`."""
