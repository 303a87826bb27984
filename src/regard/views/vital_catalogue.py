"""Every vital there is."""

from __future__ import annotations

from collections.abc import Mapping

from regard.views import data_vitals, sales_vitals, service_vitals
from regard.views.vital_shape import Vital

VITALS: tuple[Vital, ...] = (*service_vitals.VITALS, *sales_vitals.VITALS, *data_vitals.VITALS)

VITALS_BY_ID: Mapping[str, Vital] = {vital.id: vital for vital in VITALS}
