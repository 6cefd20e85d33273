"""The editor of print layouts, with a preview that follows every key."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ronda.accounts.models import Role
from ronda.accounts.roles import require
from ronda.devices.acting import actor
from ronda.kernel.ids import id_of
from ronda.shop.models import Layout
from ronda.shop.print_forms import LayoutForm
from ronda.shop.printing import svg
from ronda.shop.service import layouts, printing, samples


@require(Role.ADMIN)
@require_safe
def layout_list(request: HttpRequest) -> HttpResponse:
    """The saved layouts, each with its first ticket."""
    rows = []
    for layout in layouts.present():
        look = printing.look(layout)
        pages = printing.pages_of(samples.tickets(1), layout, look)
        drawn = svg.draw([samples.only_ticket(pages[0], layout)], look)
        rows.append({"layout": layout, "svg": mark_safe(drawn)})  # noqa: S308 -- escaped by printing.svg
    return render(request, "shop/layouts.html", {"rows": rows, "tab": "layouts"})


@require(Role.ADMIN)
def layout_new(request: HttpRequest) -> HttpResponse:
    """A new layout, which begins as the first one."""
    usual = layouts.usual()
    start = Layout(**{name: getattr(usual, name) for name in layouts.FIELDS if name != "name"})
    return _edit(request, start)


@require(Role.ADMIN)
def layout_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a layout."""
    return _edit(request, get_object_or_404(Layout, pk=pk))


def _edit(request: HttpRequest, layout: Layout) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    form = LayoutForm(posted, instance=layout)
    if posted is not None and form.is_valid():
        me = actor(request)
        row = Layout.objects.filter(pk=layout.pk).first() or Layout()
        layouts.save(row, form.cleaned_data, me.person, me.source)
        messages.success(request, _("The layout is saved."))
        return redirect("shop:layouts")
    context = {"form": form, "layout": layout if layout.pk else None, "tab": "layouts"}
    return render(request, "shop/layout_form.html", context)


@require(Role.ADMIN)
@require_POST
def layout_preview(request: HttpRequest) -> HttpResponse:
    """The first page of what stands in the editor, with invented vouchers; as a fragment."""
    found = Layout.objects.filter(pk=id_of(request.GET.get("layout", ""))).first()
    values = request.POST.copy()
    values.setdefault("name", "-")
    form = LayoutForm(values, instance=found)
    # A missing or taken name hides no preview.
    form.fields["name"].required = False
    form.is_valid()
    errors = [str(one) for name, some in form.errors.items() if name != "name" for one in some]
    context: dict[str, object] = {"errors": errors}
    if not errors:
        drawn = Layout(**{key: form.cleaned_data[key] for key in layouts.FIELDS if key != "name"})
        look = printing.look(drawn)
        count = layouts.sheet_of(drawn).per_page
        pages = printing.pages_of(samples.tickets(count, drawn.login_base), drawn, look)
        context |= {
            "svg": mark_safe(svg.draw(pages[:1], look)),  # noqa: S308 -- escaped by printing.svg
            "roll": drawn.kind == Layout.Kind.ROLL,
            "left_out": pages[0].left_out,
        }
    return render(request, "shop/parts/layout_preview.html", context)


@require(Role.ADMIN)
def layout_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove a layout."""
    layout = get_object_or_404(Layout, pk=pk)
    if request.method == "POST":
        me = actor(request)
        try:
            layouts.delete(layout, me.person, me.source)
        except layouts.LastLayout:
            messages.error(
                request, _("This is the last layout; without one nothing can be printed.")
            )
        else:
            messages.success(request, _("The layout is removed."))
        return redirect("shop:layouts")
    context = {
        "heading": _("Remove the layout “%(name)s”?") % {"name": layout.name},
        "text": _("What was printed with it stays as it is."),
        "confirm_label": _("Remove"),
        "cancel_url": f"/shop/layouts/{pk}/",
        "danger": True,
    }
    return render(request, "web/confirm.html", context)
