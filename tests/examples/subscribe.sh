curl -sN "${GATEWAY:-http://127.0.0.1:8019}/projections/rescued-by-nationality/events" | grep --line-buffered '^data: '
