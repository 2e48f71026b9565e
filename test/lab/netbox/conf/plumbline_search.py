from netbox.search.backends import SearchBackend


class NoSearch(SearchBackend):
    """Keeps no index. Filters with q= do not need one."""

    def caching_handler(self, *args, **kwargs):
        pass

    def removal_handler(self, *args, **kwargs):
        pass

    def search(self, *args, **kwargs):
        return []

    def cache(self, *args, **kwargs):
        pass

    def remove(self, *args, **kwargs):
        pass

    def clear(self, *args, **kwargs):
        pass

    def count(self, *args, **kwargs):
        return 0
