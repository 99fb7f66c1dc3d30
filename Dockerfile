# One image for the web server, the scheduler and the workers; compose.yaml tells which it is.
FROM python:3.12-slim
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir -r requirements.txt
COPY .streamlit .streamlit
COPY app.py LICENSE NOTICE ./
COPY pages pages
COPY asl_core asl_core
# The code is root's: who runs it can't change it, nor compile it at each start.
RUN python -m compileall -q app.py pages asl_core
COPY models /srv/runs
# Volumes begin with the owner that their folder has here. Spaces of Hugging Face run as user 1000.
RUN useradd --uid 1000 --no-create-home --home-dir /tmp asl && mkdir -p /srv/cache data \
    && chown -R asl /srv/runs /srv/cache data
ENV PYTHONPATH=/app PYTHONUNBUFFERED=1 ASL_RUNS_DIR=/srv/runs ASL_CACHE_DIR=/srv/cache
ENV ASL_HAND_FINDER_DIR=/srv/hand-finder
# Out of the volumes, which may be older than this image; an index without it builds one without.
RUN python -m asl_core download hand-finder || echo "This image has no hand finder."
# With an address to print, Streamlit asks nobody on the internet for one.
ENV STREAMLIT_SERVER_ADDRESS=0.0.0.0 STREAMLIT_SERVER_HEADLESS=true \
    STREAMLIT_BROWSER_SERVER_ADDRESS=localhost
USER asl
EXPOSE 8501
HEALTHCHECK --start-period=30s CMD python -c "import os, urllib.request as r; r.urlopen('/'.join(\
    ['http://127.0.0.1:8501', *os.getenv('STREAMLIT_SERVER_BASE_URL_PATH', '').strip('/').split(), \
    '_stcore/health']))"
CMD ["streamlit", "run", "app.py"]
