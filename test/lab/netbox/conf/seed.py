from users.models import Token, User

user, _ = User.objects.get_or_create(username="admin", defaults=dict(is_superuser=True, is_active=True))
user.is_superuser = True
user.set_password("admin")
user.save()
Token(user=user, version=2, key="plumbline000", token="0123456789abcdef0123456789abcdef01234567", write_enabled=True).save()
