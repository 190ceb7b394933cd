"""The settings in words for the administrators' page: Chinese meanings, defaults, values without secrets, doubts.

Their English meanings are those of `settings.DESCRIPTIONS`; a test holds both lists together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import make_url

from webapp.settings import Settings

Pair = tuple[str, str]
DRAWN: Pair = ("开发方式下自动生成", "drawn by itself in development")
OPEN_FACES: Pair = ("随程序的开放字体", "the open faces of the program")
IN_PRODUCTION: Pair = ("正式使用为 1", "1 in production")


@dataclass(frozen=True, slots=True)
class Word:
    """A setting's meaning in Chinese, its default, and how its value is told."""

    zh: str
    default: str | Pair
    value: Callable[[Settings], object]
    secret: bool = False


def _hours(span: timedelta) -> float:
    return round(span.total_seconds() / 3600, 2)


def _url(told: Settings) -> str:
    """The database's address; its password is never told."""
    return make_url(told.database_url).render_as_string(hide_password=True)


def _mail(part: str) -> Callable[[Settings], object]:
    return lambda told: getattr(told.channels.mail, part, "") if told.channels.mail is not None else ""


WORDS: Mapping[str, Word] = {
    "FASHEN_ENV": Word("运行方式：development（开发、试用）或者 production（正式使用）", "development",
                       lambda told: "production" if told.production else "development"),
    "FASHEN_VAR": Word("程序默认写入的文件夹", "var", lambda told: ""),
    "FASHEN_DATABASE_URL": Word("数据库地址；多台服务器应当使用 PostgreSQL", "FASHEN_VAR/fashen.sqlite", _url),
    "FASHEN_CONNECTIONS": Word("一个进程最多使用的数据库连接数，不少于线程数", "15", lambda told: told.connections),
    "FASHEN_STATEMENT_SECONDS": Word("PostgreSQL 终止超过此秒数的语句", "30", lambda told: told.patience.statement),
    "FASHEN_LOCK_SECONDS": Word("PostgreSQL 等待锁的最长秒数", "10", lambda told: told.patience.lock),
    "FASHEN_FILES_URL": Word("材料和文书的存放位置", "FASHEN_VAR/files", lambda told: told.files_url),
    "FASHEN_SECRET_KEY": Word("表单令牌的签名密钥，不少于 32 个随机字符；各进程必须相同", DRAWN,
                              lambda told: told.secret_key, secret=True),
    "FASHEN_FONTS": Word("本机关标准字体（如仿宋_GB2312）的文件夹", OPEN_FACES, lambda told: told.fonts or ""),
    "FASHEN_TRUSTED_HOSTS": Word("可以用来访问的主机名，以逗号分隔", "", lambda told: ", ".join(told.trusted_hosts)),
    "FASHEN_PROXIES": Word("前端反向代理的层数，其转发头据此采信", "0", lambda told: told.proxies),
    "FASHEN_SESSION_IDLE_HOURS": Word("多少小时没有操作即退出登录", "2", lambda told: _hours(told.session_idle)),
    "FASHEN_SESSION_HOURS": Word("登录最长保持的小时数", "12", lambda told: _hours(told.session_absolute)),
    "FASHEN_UPLOAD_LIMIT_MB": Word("单个上传文件的上限（MB）", "50",
                                   lambda told: round(told.upload_limit / 1024 / 1024, 2)),
    "FASHEN_THREADS": Word("一个服务进程同时处理的请求数", "8", lambda told: told.threads),
    "FASHEN_DRAIN_SECONDS": Word("停止服务时等待在办请求完成的最长秒数", "20",
                                 lambda told: told.drain.total_seconds()),
    "FASHEN_TOPICS": Word("由外部程序办理的任务主题，以逗号分隔", "", lambda told: ", ".join(told.topics)),
    "FASHEN_COOKIE_SECURE": Word("1：只通过 HTTPS 发送 Cookie", IN_PRODUCTION, lambda told: int(told.cookie_secure)),
    "FASHEN_DEBUG": Word("1：向用户显示程序错误的细节", "0", lambda told: int(told.debug)),
    "FASHEN_ADDRESS": Word("对外的访问地址，用于通知中的链接", "", lambda told: told.channels.address),
    "FASHEN_SMTP_HOST": Word("外发邮件服务器；不设置则不发邮件", "", _mail("host")),
    "FASHEN_SMTP_PORT": Word("邮件服务器端口", ("587，tls 为 465", "587, with tls 465"), _mail("port")),
    "FASHEN_SMTP_SECURITY": Word("starttls、tls 或者 none（正式使用时不允许）", "starttls", _mail("security")),
    "FASHEN_SMTP_USER": Word("邮件服务器的登录名", "", _mail("user"), secret=True),
    "FASHEN_SMTP_PASSWORD": Word("邮件服务器的密码", "", _mail("password"), secret=True),
    "FASHEN_SMTP_FROM": Word("通知邮件的发件地址", "", _mail("sender")),
    "FASHEN_MAIL_DOMAINS": Word("可以收通知邮件的域名，以逗号分隔", "",
                                lambda told: ", ".join(told.channels.mail.domains) if told.channels.mail else ""),
    "FASHEN_WEBHOOKS": Word("接口通知可以发往的网址（及其下级），以逗号分隔", "",
                            lambda told: "*" if told.channels.hook else ""),
    "FASHEN_WEBHOOK_NETWORKS": Word("接口通知可以到达的内部网段，以逗号分隔", "", lambda told: ""),
    "FASHEN_OUTWARD_CA": Word("本机关自建证书机构的证书文件", "", lambda told: ""),
}  # fmt: skip
"""Variable → its words. Where the settings keep no value of its own, only whether it is set is told."""

GROUPS: Mapping[Pair, tuple[str, ...]] = {
    ("运行和安全", "Running and safety"): (
        "FASHEN_ENV", "FASHEN_SECRET_KEY", "FASHEN_TRUSTED_HOSTS", "FASHEN_PROXIES", "FASHEN_COOKIE_SECURE",
        "FASHEN_DEBUG", "FASHEN_SESSION_IDLE_HOURS", "FASHEN_SESSION_HOURS",
    ),
    ("数据", "Data"): (
        "FASHEN_VAR", "FASHEN_DATABASE_URL", "FASHEN_CONNECTIONS", "FASHEN_STATEMENT_SECONDS", "FASHEN_LOCK_SECONDS",
        "FASHEN_FILES_URL", "FASHEN_UPLOAD_LIMIT_MB", "FASHEN_FONTS",
    ),
    ("服务进程", "Processes"): ("FASHEN_THREADS", "FASHEN_DRAIN_SECONDS", "FASHEN_TOPICS"),
    ("对外通知", "Notices that leave the house"): (
        "FASHEN_ADDRESS", "FASHEN_SMTP_HOST", "FASHEN_SMTP_PORT", "FASHEN_SMTP_SECURITY", "FASHEN_SMTP_USER",
        "FASHEN_SMTP_PASSWORD", "FASHEN_SMTP_FROM", "FASHEN_MAIL_DOMAINS", "FASHEN_WEBHOOKS",
        "FASHEN_WEBHOOK_NETWORKS", "FASHEN_OUTWARD_CA",
    ),
}  # fmt: skip

LONGEST_VALUE = 300


def shown(name: str, told: Settings) -> str:
    """The present value as a text, empty where there is none; of a secret "*": that it is set is all that is told."""
    word = WORDS[name]
    value = word.value(told)
    if word.secret:
        return "*" if value else ""
    text = f"{value:g}" if isinstance(value, float) else str(value if value is not None else "")
    if not text:
        return "*" if name in told.given else ""
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"


def unsafe(name: str, told: Settings) -> Pair | None:
    """Why a setting is not safe for use with real cases; None where it is."""
    security = getattr(told.channels.mail, "security", "")
    doubts: Mapping[str, tuple[bool, str, str]] = {
        "FASHEN_ENV": (not told.production, "开发方式不检查配置是否安全，只供试用",
                       "development does not refuse unsafe settings; for trials only"),
        "FASHEN_SECRET_KEY": ("FASHEN_SECRET_KEY" not in told.given, "密钥由程序生成在磁盘上，正式使用应当另行设置",
                              "the key was drawn to the disk; set one of your own"),
        "FASHEN_TRUSTED_HOSTS": (not told.trusted_hosts or "*" in told.trusted_hosts, "任何主机名都可以访问",
                                 "any host name is answered"),
        "FASHEN_COOKIE_SECURE": (not told.cookie_secure, "登录凭据可能以明文传送", "logins may travel in the clear"),
        "FASHEN_DEBUG": (told.debug, "用户可以看到程序内部信息", "users see the program's insides"),
        "FASHEN_DATABASE_URL": (told.database_url.startswith("sqlite"), "SQLite 只适合一台服务器",
                                "SQLite is for one machine"),
        "FASHEN_SMTP_SECURITY": (security == "none", "邮件以明文传送", "mail travels in the clear"),
    }  # fmt: skip
    doubtful, zh, en = doubts.get(name, (False, "", ""))
    return (zh, en) if doubtful else None
