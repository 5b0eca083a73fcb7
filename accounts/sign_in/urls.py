from django.contrib import admin
from django.urls import path

from accounts.sign_in import pages, policy, security, single

wrap = admin.site.admin_view
urlpatterns = [
    path("admin/login/", pages.SignIn.as_view(), name="login"),
    path("admin/login/code/", pages.code, name="sign_in_code"),
    path("admin/login/sso/", single.start, name="single_sign_on"),
    path("admin/login/sso/back/", single.back, name="single_sign_on_back"),
    path("admin/password_change/", wrap(pages.ChangePassword.as_view()), name="password_change"),
    path("admin/security/", wrap(security.page), name="security"),
    path("admin/sign-in/", wrap(policy.page), name="sign_in"),
    path("admin/sign-in/<int:pk>/reset/", wrap(policy.reset), name="sign_in_reset"),
    path("admin/sign-in/<int:pk>/unlink/", wrap(policy.unlink), name="sign_in_unlink"),
]
