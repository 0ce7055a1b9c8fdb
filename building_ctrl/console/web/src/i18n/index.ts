import i18n from "i18next";
import { initReactI18next } from "react-i18next";

import en from "./en.json";
import ko from "./ko.json";

export const LANGUAGES = { ko: "한국어", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

const STORED = "building_ctrl.language";
const korean: typeof en = ko;

function first(): Language {
  const wanted = localStorage.getItem(STORED) ?? navigator.language;
  return wanted.toLowerCase().startsWith("ko") ? "ko" : "en";
}

export async function startI18n(): Promise<void> {
  i18n.on("languageChanged", (language) => {
    document.documentElement.lang = language;
    document.title = i18n.t("app.title");
  });
  await i18n.use(initReactI18next).init({
    resources: { en: { translation: en }, ko: { translation: korean } },
    lng: first(),
    fallbackLng: "en",
    interpolation: { escapeValue: false },
  });
}

export function chooseLanguage(language: Language): void {
  localStorage.setItem(STORED, language);
  void i18n.changeLanguage(language);
}
