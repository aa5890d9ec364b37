"""Environments that tests start from."""

# Complete: production starts with it.
PRODUCTION = {
    "DJANGO_ENV": "production",
    "SECRET_KEY": "r4T-9vLx_Qm2Zk7Wp5Ns8Hc1Jb6Yd3GfEaUoIiKtRzXwVnBsMqP",
    "PUBLIC_URL": "https://support.example.com",
    "ALLOWED_ORIGINS": "https://www.example.com,https://shop.example.com",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "TELEGRAM_BOT_TOKEN": "123456789:AAH4kZp9QwErTyUiOpAsDfGhJkLzXcVbNm1",
}
