"""Proving that a dataset's table shows what its files brought: catalog, objects and manifests compared."""
