"""The forms of passkeys; apart from the others, because allauth's own forms want its models.

What a browser sends is a stranger's: allauth 65 and fido2 2 raise KeyError and others for a credential
that lacks a part, which would be answered 500. Here it is a credential that is wrong.
"""

import struct
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn import forms
from allauth.mfa.webauthn.internal import auth
from django.utils.translation import gettext_lazy as _

# What reading a damaged credential raises: base64, CBOR and JSON of the wrong shape.
DAMAGED = (AttributeError, LookupError, OverflowError, TypeError, ValueError, struct.error)


class AddPasskeyForm(forms.AddWebAuthnForm):  # type: ignore[misc] # allauth has no types
    """allauth's form, in words that say what a passkey is for; signing in with it alone is the usual wish."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = _("What you call it")
        alone = self.fields["passwordless"]
        alone.label, alone.initial = _("Sign in with it alone, without the password"), True
        alone.help_text = _("The device then asks for your finger, face or PIN.")

    def clean_credential(self) -> Any:
        """The credential, when it has the parts of one."""
        credential = self.cleaned_data["credential"]
        try:
            auth.parse_registration_response(credential)
        except DAMAGED:
            raise get_adapter().validation_error("incorrect_code") from None
        return credential


class _Known:
    """For allauth's forms that prove who somebody is."""

    def clean_credential(self) -> Any:
        """The authenticator whose credential this is."""
        try:
            return super().clean_credential()  # type: ignore[misc] # the form's
        except DAMAGED:
            raise get_adapter().validation_error("incorrect_code") from None


class LoginPasskeyForm(_Known, forms.LoginWebAuthnForm):  # type: ignore[misc] # as above
    """Signing in with a passkey alone."""


class AuthenticatePasskeyForm(_Known, forms.AuthenticateWebAuthnForm):  # type: ignore[misc] # as above
    """A security key as the second step."""


class ReauthenticatePasskeyForm(_Known, forms.ReauthenticateWebAuthnForm):  # type: ignore[misc] # as above
    """Proving again who one is, before something that matters."""
