"""Background tasks on Dask workers."""
