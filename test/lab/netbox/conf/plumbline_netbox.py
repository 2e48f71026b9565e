"""NetBox for tests on loopback. Secrets here are throw-away; the seeded token depends on the pepper."""
import os

_root = os.environ["NETBOX_ROOT"]
_db = int(os.environ["NB_REDIS_DB"])
_redis = {"HOST": "127.0.0.1", "PORT": int(os.environ["NB_REDIS_PORT"]), "USERNAME": "", "PASSWORD": "", "SSL": False}

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "::1"]
DATABASES = {
    "default": {
        "NAME": os.environ["NB_DB"],
        "USER": "netbox",
        "PASSWORD": "",
        "HOST": "127.0.0.1",
        "PORT": os.environ["NB_PG_PORT"],
        "CONN_MAX_AGE": 300,
    }
}
REDIS = {"tasks": {**_redis, "DATABASE": _db}, "caching": {**_redis, "DATABASE": _db + 1}}
SECRET_KEY = "plumbline-lab-secret-key-not-a-secret-0123456789-abcdefghij"
API_TOKEN_PEPPERS = {1: "plumbline-lab-pepper-not-a-secret-0123456789-abcdefghijklmn"}
CENSUS_REPORTING_ENABLED = False
ISOLATED_DEPLOYMENT = True
RELEASE_CHECK_URL = None
MEDIA_ROOT = os.path.join(_root, "media")
REPORTS_ROOT = os.path.join(_root, "reports")
SCRIPTS_ROOT = os.path.join(_root, "scripts")
# NetBox indexes every saved object for its web search: a quarter of what a write costs, and nobody searches here.
SEARCH_BACKEND = "plumbline_search.NoSearch"
PLUGINS = [name for name in os.environ.get("NB_PLUGINS", "").split(",") if name]
QUEUE_MAPPINGS = {"webhook": "high"}
