"""One folder a container: decryptor, normalizer, cataloger, archiver."""
