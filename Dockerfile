# One image for the web server, the scheduler and the workers; compose.yaml tells which it is.
FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY .streamlit .streamlit
COPY app.py LICENSE NOTICE ./
COPY pages pages
COPY asl_core asl_core
COPY models /srv/runs
# Volumes begin with the owner that their folder has here.
RUN useradd --create-home asl && mkdir -p /srv/runs /srv/cache data && chown -R asl /srv/runs /srv/cache data
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 ASL_RUNS_DIR=/srv/runs ASL_CACHE_DIR=/srv/cache
ENV ASL_HAND_FINDER_DIR=/srv/hand-finder
# Out of the volumes, which may be older than this image; an index without it builds one without.
RUN python -m asl_core download hand-finder || echo "This image has no hand finder."
USER asl
CMD ["streamlit", "run", "app.py", "--server.address", "0.0.0.0", "--server.headless", "true"]
